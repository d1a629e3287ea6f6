-- Leads, each customer once per branch: of several deliveries the first in rank (int_lead_delivery).
-- A lead whose winning delivery is of a day after as_of does not exist yet.
-- Grain: branch_key, customer_key; branch_key is null for leads of no branch.
with
unrepeated as (
    select customer_ref, branch_ref, created_on, channel, campaign_id
    from src_leads
    where
        not exists (
            select 1 from src_leads_repeated
            where src_leads_repeated.key_hash = src_leads.key_hash
        )
),

once as (
    select * from unrepeated
    union all
    select customer_ref, branch_ref, created_on, channel, campaign_id
    from int_lead_delivery
    where delivery_rank = 1
)

select
    customer_key(customer_ref) as customer_key,
    branch_key(branch_ref) as branch_key,
    created_on,
    channel,
    campaign_id
from once
where created_on <= $as_of
