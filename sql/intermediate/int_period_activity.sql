-- Money, visits and orders in each slot: this period, the one before and the same one a year before (run_slot).
-- A paying day is a customer's day in the scope group with a sale of more than nothing that was not fully refunded; a
-- customer day one at a branch with an attended visit or any such sale. Paid is the money of such sales, less what was
-- paid back of them on the same day. Profit is null where a line has neither cost nor margin.
-- Grain: scope_key, slot.
with
scope_activity as (
    select
        slot,
        scope_key,
        sum(revenue) as revenue,
        sum(paid) as paid,
        sum(visits) as visits,
        sum(case when is_paying then 1 else 0 end) as paying_days,
        sum(case when is_present then 1 else 0 end) as customer_days,
        sum(profit) as profit,
        sum(lines_without_profit) as lines_without_profit
    from int_period_day
    group by slot, scope_key
),

chain_paying_days as (
    select slot, count(*) as paying_days
    from (
        select distinct slot, customer_key, day from int_period_day
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
        sum(scope_activity.customer_days) as customer_days,
        sum(scope_activity.profit) as profit,
        sum(scope_activity.lines_without_profit) as lines_without_profit
    from scope_activity
    left join chain_paying_days on scope_activity.slot = chain_paying_days.slot
    where scope_activity.scope_key < $chain_scope_key
    group by scope_activity.slot
),

sale_lines as (
    select
        int_slot_day.slot,
        stg_orders.order_branch_key,
        stg_orders.order_id,
        stg_orders.branch_key,
        stg_orders.department_key,
        stg_orders.item_key
    from stg_orders
    inner join int_slot_day on stg_orders.paid_on = int_slot_day.day
    where
        stg_orders.is_sale
        and stg_orders.paid_on >= $compared_from
        and not exists (
            select 1 from int_voided_order
            where
                int_voided_order.order_branch_key = stg_orders.order_branch_key
                and int_voided_order.order_id = stg_orders.order_id
        )
),

orders as (
    select distinct
        sale_lines.slot,
        scope_key(
            run_dimension.dimension, sale_lines.branch_key, sale_lines.department_key, sale_lines.item_key
        ) as scope_key,
        sale_lines.order_branch_key,
        sale_lines.order_id
    from sale_lines
    cross join run_dimension
),

order_counts as (
    select slot, scope_key, count(*) as orders
    from orders
    where scope_key is not null
    group by slot, scope_key
),

activity as (
    select slot, scope_key, revenue, paid, visits, paying_days, customer_days, profit, lines_without_profit
    from scope_activity
    union all
    select slot, scope_key, revenue, paid, visits, paying_days, customer_days, profit, lines_without_profit
    from chain_activity
)

select
    activity.scope_key,
    activity.slot,
    activity.revenue,
    activity.paid,
    activity.visits,
    activity.paying_days,
    activity.customer_days,
    coalesce(order_counts.orders, 0) as orders,
    case when activity.lines_without_profit = 0 then activity.profit end as profit
from activity
left join order_counts on activity.scope_key = order_counts.scope_key and activity.slot = order_counts.slot
