-- Orders that have a refund line.
-- Grain: order_branch_key, order_id.
select distinct
    order_branch_key,
    order_id
from stg_orders
where is_counted and amount < 0
