-- Orders per customer and scope group in the window; empty unless the policy counts frequency in orders.
-- Grain: scope_key, customer_key.
with
orders as (
    select distinct order_branch_key, order_id, customer_key, branch_key, department_key, item_key
    from stg_orders
    where $frequency_unit = 'orders' and is_sale and paid_on >= $window_start and paid_on <= $as_of
),

kept as (
    select orders.* from orders
    where
        not exists (
            select 1 from int_voided_order
            where
                int_voided_order.order_branch_key = orders.order_branch_key
                and int_voided_order.order_id = orders.order_id
        )
),

scoped as (
    select distinct branch_key as scope_key, customer_key, order_branch_key, order_id from kept
    union all
    select distinct
        $department_scope_key + department_key as scope_key, customer_key, order_branch_key, order_id
    from kept
    where $has_department_scope and department_key is not null
    union all
    select distinct $item_scope_key + item_key as scope_key, customer_key, order_branch_key, order_id from kept
    where $has_item_scope and item_key is not null
    union all
    select distinct $chain_scope_key as scope_key, customer_key, order_branch_key, order_id from kept
)

select
    scope_key,
    customer_key,
    count(*) as orders
from scoped
group by scope_key, customer_key
