-- Order lines whose key may have been delivered more than once, each with its rank among the deliveries of its key: the
-- greatest updated_at wins, then the later object, then the later row. Beside each stands what the winner says.
-- Only lines whose key hash occurs again can be duplicates, so only they are compared.
-- Grain: object_no, row_no.
with
deliveries as (
    select
        *,
        object_no(object_ref) as object_no,
        case when $has_branch_order_ids then branch_key(branch_ref) end as key_branch_key
    from src_orders
    where
        exists (
            select 1 from src_orders_repeated
            where src_orders_repeated.key_hash = src_orders.key_hash
        )
)

select
    order_id,
    line_no,
    customer_ref,
    branch_ref,
    department_ref,
    item_ref,
    paid_on,
    amount,
    quantity,
    list_amount,
    cost,
    status,
    kind,
    package_sessions,
    referrer_ref,
    campaign_id,
    staff_id,
    points,
    object_no,
    row_no,
    row_number() over deliveries_of_key as delivery_rank,
    first_value(customer_ref) over deliveries_of_key as kept_customer_ref,
    first_value(branch_ref) over deliveries_of_key as kept_branch_ref,
    first_value(paid_on) over deliveries_of_key as kept_paid_on,
    first_value(object_no) over deliveries_of_key as kept_object_no,
    first_value(row_no) over deliveries_of_key as kept_row_no
from deliveries
window deliveries_of_key as (
    partition by key_branch_key, order_id, line_no
    order by updated_at desc nulls last, object_no desc, row_no desc
)
