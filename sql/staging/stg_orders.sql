-- Order lines, each key once: of several deliveries the first in rank (int_order_delivery).
-- A line whose winning delivery is of a day after as_of does not exist yet. One without a department is of its item's.
-- An order is told by order_branch_key and order_id: by its branch, too, unless order ids are the chain's.
-- Grain: branch_key, order_id, line_no.
with
unrepeated as (
    select
        order_id, line_no, customer_ref, branch_ref, department_ref, item_ref,
        paid_on, amount, quantity, list_amount, cost, status, kind, package_sessions, referrer_ref, campaign_id,
        staff_id, points
    from src_orders
    where
        not exists (
            select 1 from src_orders_repeated
            where src_orders_repeated.key_hash = src_orders.key_hash
        )
),

once as (
    select * from unrepeated
    union all
    select
        order_id, line_no, customer_ref, branch_ref, department_ref, item_ref,
        paid_on, amount, quantity, list_amount, cost, status, kind, package_sessions, referrer_ref, campaign_id,
        staff_id, points
    from int_order_delivery
    where delivery_rank = 1
),

placed as (
    select
        once.*,
        stg_items.department_key as item_department_key
    from once
    left join stg_items on item_key(once.item_ref) = stg_items.item_key
)

select
    order_id,
    line_no,
    customer_key(customer_ref) as customer_key,
    branch_key(branch_ref) as branch_key,
    coalesce(department_key(department_ref), item_department_key) as department_key,
    item_key(item_ref) as item_key,
    paid_on,
    amount,
    quantity,
    list_amount,
    cost,
    kind,
    package_sessions,
    customer_key(referrer_ref) as referrer_key,
    campaign_id,
    staff_id,
    points,
    status = 'paid' or (status = 'refunded' and amount < 0) as is_counted,
    status = 'paid' and amount >= 0 as is_sale,
    case when $has_branch_order_ids then branch_key(branch_ref) else cast(-1 as int) end as order_branch_key
from placed
where paid_on <= $as_of
