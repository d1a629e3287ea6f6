-- What was spent in each period on a channel at a branch, with its share of what names no branch.
-- Grain: cohort_no, channel, branch_key.
select
    cohort_no,
    channel,
    branch_key,
    first_day,
    spend,
    shared_spend
from int_spend_share
where span = 'period'
