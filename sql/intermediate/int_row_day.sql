-- Rows that are used, and the money of those that are paid, day by day.
-- Grain: entity, branch_key, day; branch_key is null for leads of no branch.
select
    'orders' as entity,
    branch_key,
    paid_on as day,
    count(*) as row_count,
    sum(case when is_counted then amount end) as amount
from stg_orders
group by branch_key, paid_on
union all
select
    'visits' as entity,
    branch_key,
    visited_on as day,
    count(*) as row_count,
    cast(null as decimal(28, 2)) as amount
from stg_visits
group by branch_key, visited_on
union all
select
    'leads' as entity,
    branch_key,
    created_on as day,
    count(*) as row_count,
    cast(null as decimal(28, 2)) as amount
from stg_leads
group by branch_key, created_on
