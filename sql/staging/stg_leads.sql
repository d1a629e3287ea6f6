-- Leads, each customer once: the greatest updated_at wins, then the later object, then the later row.
-- A lead whose winning delivery is of a day after as_of does not exist yet.
-- Grain: customer_key.
with
deliveries as (
    select
        customer_ref, branch_ref, created_on, channel,
        row_number() over (
            partition by customer_ref
            order by updated_at desc nulls last, object_no desc, row_no desc
        ) as delivery_rank
    from src_leads
)

select
    customer_key(customer_ref) as customer_key,
    branch_key(branch_ref) as branch_key,
    created_on,
    channel
from deliveries
where delivery_rank = 1 and created_on <= $as_of
