-- Visits whose key may have been delivered more than once, each with its rank among the deliveries of its key, as in
-- int_order_delivery.
-- Grain: object_no, row_no.
with
deliveries as (
    select
        *,
        object_no(object_ref) as object_no,
        case when $has_branch_visit_ids then branch_key(branch_ref) end as key_branch_key
    from src_visits
    where
        exists (
            select 1 from src_visits_repeated
            where src_visits_repeated.key_hash = src_visits.key_hash
        )
)

select
    visit_id,
    customer_ref,
    branch_ref,
    department_ref,
    item_ref,
    visited_on,
    kind,
    order_id,
    order_branch_ref,
    status,
    object_no,
    row_no,
    row_number() over deliveries_of_key as delivery_rank,
    first_value(customer_ref) over deliveries_of_key as kept_customer_ref,
    first_value(branch_ref) over deliveries_of_key as kept_branch_ref,
    first_value(visited_on) over deliveries_of_key as kept_visited_on,
    first_value(object_no) over deliveries_of_key as kept_object_no,
    first_value(row_no) over deliveries_of_key as kept_row_no
from deliveries
window deliveries_of_key as (
    partition by key_branch_key, visit_id
    order by updated_at desc nulls last, object_no desc, row_no desc
)
