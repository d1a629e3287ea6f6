-- Days on which something was paid, or paid back, with the period that they are in: what cohorts add up.
-- Grain: customer_key, branch_key, department_key, day.
select
    customer_key,
    branch_key,
    department_key,
    day,
    revenue,
    profit,
    lines_without_profit,
    period_no($period_kind, day) as period_no
from int_consumption_day
where revenue <> 0 or profit <> 0 or lines_without_profit > 0
