-- What was spent on winning customers, up to as_of. Rows have no number of their own: each counts.
-- Grain: object_ref, row_no.
select
    object_ref,
    row_no,
    branch_key(branch_ref) as branch_key,
    spent_on,
    channel,
    campaign_id,
    amount
from src_spend
where spent_on <= $as_of
