-- Orders per customer and scope group in the window of the customer's rules there; empty unless the policy counts
-- frequency in orders.
-- Grain: scope_key, customer_key.
with
sale_lines as (
    select order_branch_key, order_id, customer_key, branch_key, department_key, item_key, paid_on
    from stg_orders
    where
        $frequency_unit = 'orders' and is_sale and paid_on <= $as_of
        and not exists (
            select 1 from int_voided_order
            where
                int_voided_order.order_branch_key = stg_orders.order_branch_key
                and int_voided_order.order_id = stg_orders.order_id
        )
),

scoped_lines as (
    select
        sale_lines.*,
        scope_key(
            run_dimension.dimension, sale_lines.branch_key, sale_lines.department_key, sale_lines.item_key
        ) as scope_key
    from sale_lines
    cross join run_dimension
),

orders as (
    select distinct
        scoped_lines.scope_key,
        scoped_lines.customer_key,
        scoped_lines.order_branch_key,
        scoped_lines.order_id
    from scoped_lines
    inner join int_customer_scope
        on
            scoped_lines.scope_key = int_customer_scope.scope_key
            and scoped_lines.customer_key = int_customer_scope.customer_key
    inner join policy_ladder on int_customer_scope.policy_no = policy_ladder.policy_no
    where scoped_lines.paid_on > $as_of - policy_ladder.window_days
)

select
    scope_key,
    customer_key,
    count(*) as orders
from orders
group by scope_key, customer_key
