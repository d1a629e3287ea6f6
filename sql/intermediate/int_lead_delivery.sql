-- Leads whose key may have been delivered more than once, each with its rank among the deliveries of its key, as in
-- int_order_delivery.
-- Grain: object_no, row_no.
with
deliveries as (
    select
        *,
        object_no(object_ref) as object_no
    from src_leads
    where
        exists (
            select 1 from src_leads_repeated
            where src_leads_repeated.key_hash = src_leads.key_hash
        )
)

select
    customer_ref,
    branch_ref,
    created_on,
    channel,
    campaign_id,
    object_no,
    row_no,
    row_number() over deliveries_of_key as delivery_rank,
    first_value(created_on) over deliveries_of_key as kept_created_on,
    first_value(object_no) over deliveries_of_key as kept_object_no,
    first_value(row_no) over deliveries_of_key as kept_row_no
from deliveries
window deliveries_of_key as (
    partition by branch_key(branch_ref), customer_key(customer_ref)
    order by updated_at desc nulls last, object_no desc, row_no desc
)
