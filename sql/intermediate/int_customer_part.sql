-- Each customer in each scope group but the chain, in one pass over their days.
-- Grain: scope_key, customer_key; scope_key is null for leads of no branch.
with
days as (
    select
        customer_key,
        scope_key,
        department_key,
        day,
        revenue,
        sales,
        profit,
        lines_without_profit,
        case when is_consumption then day end as consumed_on
    from int_scope_day
)

select
    scope_key,
    customer_key,
    min(day) as known_on,
    min(consumed_on) as first_consumed_on,
    max(consumed_on) as last_consumed_on,
    day_set(consumed_on) as consumed_days,
    latest_departments(consumed_on, department_key, revenue) as latest_departments,
    sum(case when day >= $window_start then revenue else 0 end) as monetary,
    sum(case when day >= $window_start then sales else 0 end) as lines,
    sum(revenue) as lifetime_monetary,
    sum(profit) as lifetime_profit,
    sum(lines_without_profit) as lines_without_profit
from days
group by scope_key, customer_key
