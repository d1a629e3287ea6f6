-- Money, visits and orders in this period, the one before and the same one a year before (see int_period_customer).
-- A paying day is a customer's day in the scope group with a sale of more than nothing that was not fully refunded; a
-- customer day one at a branch with an attended visit or any such sale.
-- Grain: scope_key, slot.
with
days as (
    select
        branch_key,
        customer_key,
        day,
        revenue,
        visits,
        sales,
        paying_sales,
        case
            when day >= $period_start then 'current'
            when day between $previous_period_start and $previous_to_date then 'previous'
            when day between $year_before_start and $year_before_to_date then 'year_before'
        end as slot
    from int_consumption_day
    where branch_key is not null and day >= $year_before_start
),

branch_days as (
    select
        slot,
        branch_key,
        customer_key,
        day,
        sum(revenue) as revenue,
        sum(visits) as visits,
        sum(visits) > 0 or sum(sales) > 0 as is_present,
        sum(paying_sales) > 0 as is_paying
    from days
    where slot is not null
    group by slot, branch_key, customer_key, day
),

branch_activity as (
    select
        slot,
        branch_key as scope_key,
        sum(revenue) as revenue,
        sum(visits) as visits,
        sum(case when is_paying then 1 else 0 end) as paying_days,
        sum(case when is_present then 1 else 0 end) as customer_days
    from branch_days
    group by slot, branch_key
),

chain_paying_days as (
    select slot, count(*) as paying_days
    from (select distinct slot, customer_key, day from branch_days where is_paying) as paying
    group by slot
),

chain_activity as (
    select
        branch_activity.slot,
        $chain_scope_key as scope_key,
        sum(branch_activity.revenue) as revenue,
        sum(branch_activity.visits) as visits,
        max(coalesce(chain_paying_days.paying_days, 0)) as paying_days,
        sum(branch_activity.customer_days) as customer_days
    from branch_activity
    left join chain_paying_days on branch_activity.slot = chain_paying_days.slot
    group by branch_activity.slot
),

sale_lines as (
    select
        order_id,
        branch_key,
        case
            when paid_on >= $period_start then 'current'
            when paid_on between $previous_period_start and $previous_to_date then 'previous'
            when paid_on between $year_before_start and $year_before_to_date then 'year_before'
        end as slot
    from stg_orders
    where is_sale and paid_on >= $year_before_start
),

orders as (
    select distinct
        sale_lines.slot,
        sale_lines.branch_key,
        sale_lines.order_id
    from sale_lines
    where
        sale_lines.slot is not null
        and not exists (select 1 from int_voided_order where int_voided_order.order_id = sale_lines.order_id)
),

order_counts as (
    select slot, branch_key as scope_key, count(*) as orders
    from orders
    group by slot, branch_key
    union all
    select slot, $chain_scope_key as scope_key, count(distinct order_id) as orders
    from orders
    group by slot
),

activity as (
    select * from branch_activity
    union all
    select slot, scope_key, revenue, visits, paying_days, customer_days from chain_activity
)

select
    activity.scope_key,
    activity.slot,
    activity.revenue,
    activity.visits,
    activity.paying_days,
    activity.customer_days,
    coalesce(order_counts.orders, 0) as orders
from activity
left join order_counts on activity.scope_key = order_counts.scope_key and activity.slot = order_counts.slot
