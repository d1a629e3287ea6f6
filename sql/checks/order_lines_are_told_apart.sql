-- An object names an order twice with different amounts, and no line_no or updated_at tells lines from corrections.
-- Map line_no (or updated_at) of that orders source.
with
lines as (
    select
        case when $has_branch_order_ids then src_orders.branch_ref end as order_branch_ref,
        src_orders.order_id,
        src_orders.object_ref,
        src_orders.amount
    from src_orders
    where
        src_orders.line_no is null
        and src_orders.updated_at is null
        and exists (select 1 from src_orders_repeated where src_orders_repeated.key_hash = src_orders.key_hash)
)

select
    order_id,
    count(*) as deliveries,
    min(amount) as least_amount,
    max(amount) as greatest_amount
from lines
group by order_branch_ref, order_id, object_ref
having min(amount) <> max(amount)
order by order_id asc
