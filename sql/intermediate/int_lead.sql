-- Each customer's lead: the earliest; of several that day the one at the first branch by id, one of no branch last.
-- Grain: customer_key.
with
ranked as (
    select
        customer_key, branch_key, created_on, channel, campaign_id,
        row_number() over (
            partition by customer_key
            order by created_on asc, branch_key asc nulls last
        ) as place
    from stg_leads
)

select
    customer_key,
    branch_key,
    created_on,
    channel,
    campaign_id
from ranked
where place = 1
