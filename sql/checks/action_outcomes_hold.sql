-- Who came back within fewer days came back within more; nobody is reached who wasn't contacted; an uplift lies between
-- its limits; and only what is compared has one.
select
    action,
    customer_group,
    customers,
    contacted,
    returned_90_days,
    uplift_90_days
from fct_action_outcome
where
    contacted > customers
    or reached > contacted
    or returned_30_days > returned_60_days
    or returned_60_days > returned_90_days
    or returned_90_days > customers
    or uplift_90_days not between uplift_90_days_low and uplift_90_days_high
    or (uplift_90_days is null) <> (compared_with is null)
    or coalesce(verdict in ('higher', 'lower', 'doubtful', 'cannot_tell'), false) <> (compared_with is not null)
