-- Whom each branch has to look after: its VIPs, and those who have paid for sessions that they have not had.
-- Grain: branch.
select
    coalesce(dim_branch.name, branch_care.branch_id) as branch,
    branch_care.vip_customers as vips,
    cast(branch_care.active_vip_customers as double) / nullif(branch_care.vip_customers, 0) as active_share,
    branch_care.session_customers,
    branch_care.sessions_left,
    branch_care.silent_customers,
    branch_care.silent_sessions
from branch_care
left join dim_branch on branch_care.branch_id = dim_branch.branch_id and dim_branch.as_of = $as_of
