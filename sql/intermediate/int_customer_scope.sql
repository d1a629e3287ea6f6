-- Each customer in each scope group. The chain is made of the branch rows, not of the days again.
-- Grain: scope_key, customer_key.
with
parts as (
    select
        scope_key,
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
        lines_without_profit
    from int_customer_part
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
        sum(lines_without_profit) as lines_without_profit
    from parts
    where scope_key is null or scope_key < $chain_scope_key
    group by customer_key
),

scope_rows as (
    select * from chain_rows
    union all
    select * from parts
    where scope_key is not null
),

item_policies as (
    select
        $item_scope_key + item_key as scope_key,
        policy_no
    from policy_of_item
),

with_department as (
    select
        scope_rows.*,
        top_department(scope_rows.latest_departments) as department_key
    from scope_rows
)

select
    with_department.scope_key,
    with_department.customer_key,
    with_department.known_on,
    with_department.first_consumed_on,
    with_department.last_consumed_on,
    with_department.consumed_days,
    with_department.department_key,
    coalesce(item_policies.policy_no, policy_of_department.policy_no) as policy_no,
    cast(with_department.monetary as decimal(18, 2)) as monetary,
    cast(with_department.lifetime_monetary as decimal(18, 2)) as lifetime_monetary,
    case
        when with_department.lines_without_profit = 0 then cast(with_department.lifetime_profit as decimal(18, 2))
    end as lifetime_profit,
    with_department.lines
from with_department
left join item_policies on with_department.scope_key = item_policies.scope_key
left join policy_of_department
    on with_department.department_key is not distinct from policy_of_department.department_key
