-- Orders that were sold and fully refunded by as_of: they are no consumption.
-- Grain: order_branch_key, order_id.
with
lines as (
    select order_branch_key, order_id, amount from int_refunded_order_line
    where paid_on <= $as_of
)

select
    order_branch_key,
    order_id
from lines
group by order_branch_key, order_id
having sum(amount) <= 0 and min(amount) < 0 and max(amount) >= 0
