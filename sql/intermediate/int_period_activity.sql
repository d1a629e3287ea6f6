-- Money, visits and orders in each slot: this period, the one before and the same one a year before (run_slot).
-- A paying day is a customer's day in the scope group with a sale of more than nothing that was not fully refunded; a
-- customer day one at a branch with an attended visit or any such sale. Paid is the money of such sales, less what was
-- paid back of them on the same day.
-- Grain: scope_key, slot.
with
days as (
    select
        run_slot.slot,
        int_scope_day.scope_key,
        int_scope_day.customer_key,
        int_scope_day.day,
        int_scope_day.revenue,
        int_scope_day.visits,
        int_scope_day.sales,
        int_scope_day.paying_sales,
        int_scope_day.paid
    from int_scope_day
    inner join run_slot on int_scope_day.day between run_slot.starts_on and run_slot.ends_on
    where int_scope_day.scope_key is not null and int_scope_day.day >= $compared_from
),

scope_days as (
    select
        slot,
        scope_key,
        customer_key,
        day,
        sum(revenue) as revenue,
        sum(paid) as paid,
        sum(visits) as visits,
        sum(visits) > 0 or sum(sales) > 0 as is_present,
        sum(paying_sales) > 0 as is_paying
    from days
    group by slot, scope_key, customer_key, day
),

scope_activity as (
    select
        slot,
        scope_key,
        sum(revenue) as revenue,
        sum(paid) as paid,
        sum(visits) as visits,
        sum(case when is_paying then 1 else 0 end) as paying_days,
        sum(case when is_present then 1 else 0 end) as customer_days
    from scope_days
    group by slot, scope_key
),

chain_paying_days as (
    select slot, count(*) as paying_days
    from (
        select distinct slot, customer_key, day from scope_days
        where is_paying and scope_key < $chain_scope_key
    ) as paying
    group by slot
),

chain_activity as (
    select
        scope_activity.slot,
        $chain_scope_key as scope_key,
        sum(scope_activity.revenue) as revenue,
        sum(scope_activity.paid) as paid,
        sum(scope_activity.visits) as visits,
        max(coalesce(chain_paying_days.paying_days, 0)) as paying_days,
        sum(scope_activity.customer_days) as customer_days
    from scope_activity
    left join chain_paying_days on scope_activity.slot = chain_paying_days.slot
    where scope_activity.scope_key < $chain_scope_key
    group by scope_activity.slot
),

sale_lines as (
    select
        run_slot.slot,
        stg_orders.order_branch_key,
        stg_orders.order_id,
        stg_orders.branch_key,
        stg_orders.department_key,
        stg_orders.item_key
    from stg_orders
    inner join run_slot on stg_orders.paid_on between run_slot.starts_on and run_slot.ends_on
    where stg_orders.is_sale and stg_orders.paid_on >= $compared_from
),

orders as (
    select distinct
        sale_lines.slot,
        sale_lines.branch_key,
        sale_lines.department_key,
        sale_lines.item_key,
        sale_lines.order_branch_key,
        sale_lines.order_id
    from sale_lines
    where
        not exists (
            select 1 from int_voided_order
            where
                int_voided_order.order_branch_key = sale_lines.order_branch_key
                and int_voided_order.order_id = sale_lines.order_id
        )
),

scoped_orders as (
    select distinct slot, branch_key as scope_key, order_branch_key, order_id from orders
    union all
    select distinct slot, $department_scope_key + department_key as scope_key, order_branch_key, order_id from orders
    where $has_department_scope and department_key is not null
    union all
    select distinct slot, $item_scope_key + item_key as scope_key, order_branch_key, order_id from orders
    where $has_item_scope and item_key is not null
    union all
    select distinct slot, $chain_scope_key as scope_key, order_branch_key, order_id from orders
),

order_counts as (
    select slot, scope_key, count(*) as orders
    from scoped_orders
    group by slot, scope_key
),

activity as (
    select * from scope_activity
    union all
    select slot, scope_key, revenue, paid, visits, paying_days, customer_days from chain_activity
)

select
    activity.scope_key,
    activity.slot,
    activity.revenue,
    activity.paid,
    activity.visits,
    activity.paying_days,
    activity.customer_days,
    coalesce(order_counts.orders, 0) as orders
from activity
left join order_counts on activity.scope_key = order_counts.scope_key and activity.slot = order_counts.slot
