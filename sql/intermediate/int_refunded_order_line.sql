-- All counted lines of the orders that have a refund line, and whether the customer bought something of the order on
-- the line's day.
-- Grain: branch_key, order_id, line_no.
with
order_lines as (
    select
        order_branch_key, order_id, line_no, customer_key, branch_key, department_key, item_key,
        paid_on, amount, is_sale, staff_id
    from stg_orders
    where is_counted
)

select
    order_lines.*,
    bool_or(order_lines.is_sale) over (
        partition by
            order_lines.order_branch_key, order_lines.order_id, order_lines.customer_key, order_lines.paid_on
    ) as is_on_sale_day
from order_lines
where
    exists (
        select 1 from int_refunded_order
        where
            int_refunded_order.order_branch_key = order_lines.order_branch_key
            and int_refunded_order.order_id = order_lines.order_id
    )
