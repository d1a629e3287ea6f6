-- Branches that rows up to as_of name or the chain lists, with what it says of them.
-- Grain: as_of, branch_id.
with
branches as (
    select branch_key, branch_id from run_branch
    where
        exists (select 1 from int_branch where int_branch.branch_key = run_branch.branch_key)
        or exists (select 1 from stg_branches where stg_branches.branch_key = run_branch.branch_key)
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    branches.branch_id,
    stg_branches.name,
    stg_branches.region,
    stg_branches.opened_on,
    coalesce(stg_branches.timezone, $timezone) as timezone
from branches
left join stg_branches on branches.branch_key = stg_branches.branch_key
order by branches.branch_key
