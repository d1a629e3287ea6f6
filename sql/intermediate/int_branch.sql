-- Branches at work by as_of: those that a row up to then names, and those that the chain lists as opened by then.
-- Grain: branch_key.
with
branches as (
    select branch_key, branch_id from run_branch
),

named as (
    select branch_key from int_customer_day
    group by branch_key
    union all
    select branch_key from stg_branches
    where opened_on <= $as_of
)

select
    branches.branch_key,
    branches.branch_id
from branches
where exists (select 1 from named where named.branch_key = branches.branch_key)
