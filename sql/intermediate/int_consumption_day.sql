-- int_customer_day up to as_of, with what was fully refunded by then taken off. Paid is the money of the sales that are
-- left, less what was paid back of them on the same day; kept revenue leaves all money of fully refunded orders out.
-- Grain: customer_key, branch_key, department_key, day.
select
    days.customer_key,
    days.branch_key,
    days.department_key,
    days.day,
    days.revenue,
    cast(days.revenue - coalesce(int_voided_day.revenue, 0) as decimal(18, 2)) as kept_revenue,
    days.profit,
    days.lines_without_profit,
    days.visits,
    days.sales - coalesce(int_voided_day.sales, 0) as sales,
    days.paying_sales - coalesce(int_voided_day.paying_sales, 0) as paying_sales,
    cast(days.paid - coalesce(int_voided_day.paid, 0) as decimal(18, 2)) as paid,
    days.consuming_sales > coalesce(int_voided_day.sales, 0) or days.consuming_visits > 0 as is_consumption
from int_customer_day as days
left join int_voided_day
    on
        days.customer_key = int_voided_day.customer_key
        and days.day = int_voided_day.day
        and days.branch_key = int_voided_day.branch_key
        and days.department_key is not distinct from int_voided_day.department_key
where days.day <= $as_of
