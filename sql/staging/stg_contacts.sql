-- Contacts with customers, each key once: of several deliveries the first in rank (int_contact_delivery).
-- A contact whose winning delivery is of a day after as_of does not exist yet. Who gave no answer was not reached;
-- where no outcome is told, nobody knows.
-- Grain: branch_key, contact_id; branch_key is null for contacts of no branch.
with
unrepeated as (
    select contact_id, customer_ref, branch_ref, contacted_on, action, campaign_id, channel, staff_id, outcome
    from src_contacts
    where
        not exists (
            select 1 from src_contacts_repeated
            where src_contacts_repeated.key_hash = src_contacts.key_hash
        )
),

once as (
    select * from unrepeated
    union all
    select contact_id, customer_ref, branch_ref, contacted_on, action, campaign_id, channel, staff_id, outcome
    from int_contact_delivery
    where delivery_rank = 1
)

select
    contact_id,
    customer_key(customer_ref) as customer_key,
    branch_key(branch_ref) as branch_key,
    contacted_on,
    action,
    campaign_id,
    channel,
    staff_id,
    outcome,
    outcome <> 'no_answer' as is_reached
from once
where contacted_on <= $as_of
