-- Branches that any row names, with what the chain says of them.
-- Grain: as_of, branch_id.
select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    int_branch.branch_id,
    stg_branches.name,
    stg_branches.region,
    stg_branches.opened_on,
    coalesce(stg_branches.timezone, $timezone) as timezone
from int_branch
left join stg_branches on int_branch.branch_key = stg_branches.branch_key
order by int_branch.branch_key
