-- Orders per customer and scope group in the window; empty unless the policy counts frequency in orders.
-- Grain: scope_key, customer_key.
with
sale_lines as (
    select order_branch_key, order_id, customer_key, branch_key, department_key, item_key
    from stg_orders
    where
        $frequency_unit = 'orders' and is_sale and paid_on >= $window_start and paid_on <= $as_of
        and not exists (
            select 1 from int_voided_order
            where
                int_voided_order.order_branch_key = stg_orders.order_branch_key
                and int_voided_order.order_id = stg_orders.order_id
        )
),

orders as (
    select distinct
        scope_key(
            run_dimension.dimension, sale_lines.branch_key, sale_lines.department_key, sale_lines.item_key
        ) as scope_key,
        sale_lines.customer_key,
        sale_lines.order_branch_key,
        sale_lines.order_id
    from sale_lines
    cross join run_dimension
)

select
    scope_key,
    customer_key,
    count(*) as orders
from orders
where scope_key is not null
group by scope_key, customer_key
