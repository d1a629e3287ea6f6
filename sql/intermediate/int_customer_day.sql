-- What each customer did, bought and was known by, per day: the one table that all others are made of.
-- A row without sales and visits is a contact only (a lead, a booking, a cancelled order).
-- Grain: customer_key, branch_key, department_key, day; branch_key is null for leads of no branch.
with
order_lines as (
    select customer_key, branch_key, department_key, paid_on, amount, profit, is_counted, is_sale
    from int_order_line
),

visits as (
    select customer_key, branch_key, department_key, visited_on, kind, is_attended
    from stg_visits
),

leads as (
    select customer_key, branch_key, created_on
    from stg_leads
),

counted_kinds as (
    select kind from policy_consumption
    where event = 'visit' and is_counted
),

events as (
    select
        customer_key,
        branch_key,
        department_key,
        paid_on as day,
        case when is_counted then amount else 0 end as revenue,
        case when is_sale then 1 else 0 end as sales,
        case when is_sale and amount > 0 then 1 else 0 end as paying_sales,
        case when is_sale then amount else 0 end as paid,
        case when is_counted then coalesce(profit, 0) else 0 end as profit,
        case when is_counted and profit is null then 1 else 0 end as lines_without_profit,
        0 as visits,
        0 as consuming_visits
    from order_lines
    union all
    select
        visits.customer_key,
        visits.branch_key,
        visits.department_key,
        visits.visited_on as day,
        cast(0 as decimal(18, 2)) as revenue,
        0 as sales,
        0 as paying_sales,
        cast(0 as decimal(18, 2)) as paid,
        cast(0 as decimal(18, 2)) as profit,
        0 as lines_without_profit,
        case when visits.is_attended then 1 else 0 end as visits,
        case when visits.is_attended and counted_kinds.kind is not null then 1 else 0 end as consuming_visits
    from visits
    left join counted_kinds on visits.kind = counted_kinds.kind
    union all
    select
        customer_key,
        branch_key,
        cast(null as int) as department_key,
        created_on as day,
        cast(0 as decimal(18, 2)) as revenue,
        0 as sales,
        0 as paying_sales,
        cast(0 as decimal(18, 2)) as paid,
        cast(0 as decimal(18, 2)) as profit,
        0 as lines_without_profit,
        0 as visits,
        0 as consuming_visits
    from leads
)

select
    customer_key,
    branch_key,
    department_key,
    day,
    cast(sum(revenue) as decimal(18, 2)) as revenue,
    sum(sales) as sales,
    sum(paying_sales) as paying_sales,
    cast(sum(paid) as decimal(18, 2)) as paid,
    cast(sum(profit) as decimal(18, 2)) as profit,
    sum(lines_without_profit) as lines_without_profit,
    sum(visits) as visits,
    sum(consuming_visits) as consuming_visits
from events
group by customer_key, branch_key, department_key, day
