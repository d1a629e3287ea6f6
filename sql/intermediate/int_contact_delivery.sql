-- Contacts whose key may have been delivered more than once, each with its rank among the deliveries of its key, as in
-- int_order_delivery.
-- Grain: object_no, row_no.
with
deliveries as (
    select
        *,
        object_no(object_ref) as object_no
    from src_contacts
    where
        exists (
            select 1 from src_contacts_repeated
            where src_contacts_repeated.key_hash = src_contacts.key_hash
        )
)

select
    contact_id,
    customer_ref,
    branch_ref,
    contacted_on,
    action,
    campaign_id,
    channel,
    staff_id,
    outcome,
    object_no,
    row_no,
    row_number() over deliveries_of_key as delivery_rank,
    first_value(customer_ref) over deliveries_of_key as kept_customer_ref,
    first_value(contacted_on) over deliveries_of_key as kept_contacted_on,
    first_value(object_no) over deliveries_of_key as kept_object_no,
    first_value(row_no) over deliveries_of_key as kept_row_no
from deliveries
window deliveries_of_key as (
    partition by branch_key(branch_ref), contact_id
    order by updated_at desc nulls last, object_no desc, row_no desc
)
