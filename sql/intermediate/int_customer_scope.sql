-- Each customer in each scope group. The chain is made of the branch rows, not of the days again.
-- Grain: scope_key, customer_key.
with
branch_rows as (
    select
        branch_key,
        customer_key,
        known_on,
        first_consumed_on,
        last_consumed_on,
        consumed_days,
        latest_departments,
        monetary,
        lines,
        lifetime_monetary,
        lifetime_profit,
        lines_without_cost
    from int_customer_branch
),

chain_rows as (
    select
        $chain_scope_key as scope_key,
        customer_key,
        min(known_on) as known_on,
        min(first_consumed_on) as first_consumed_on,
        max(last_consumed_on) as last_consumed_on,
        merge_day_sets(consumed_days) as consumed_days,
        merge_latest_departments(latest_departments) as latest_departments,
        sum(monetary) as monetary,
        sum(lines) as lines,
        sum(lifetime_monetary) as lifetime_monetary,
        sum(lifetime_profit) as lifetime_profit,
        sum(lines_without_cost) as lines_without_cost
    from branch_rows
    group by customer_key
),

scope_rows as (
    select * from chain_rows
    union all
    select * from branch_rows
    where branch_key is not null
)

select
    scope_key,
    customer_key,
    known_on,
    first_consumed_on,
    last_consumed_on,
    consumed_days,
    top_department(latest_departments) as department_key,
    cast(monetary as decimal(18, 2)) as monetary,
    cast(lifetime_monetary as decimal(18, 2)) as lifetime_monetary,
    case when lines_without_cost = 0 then cast(lifetime_profit as decimal(18, 2)) end as lifetime_profit,
    lines
from scope_rows
