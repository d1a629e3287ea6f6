-- Whom each branch has to look after: its VIPs, and those who have paid for sessions that they have not had. Who has
-- sessions left and is silent is owed a call.
-- Grain: branch_id.
select
    scope_id as branch_id,
    sum(case when vip_tier is not null then 1 else 0 end) as vip_customers,
    sum(case when vip_tier is not null and period_status = 'active' then 1 else 0 end) as active_vip_customers,
    sum(case when package_sessions_left > 0 then 1 else 0 end) as session_customers,
    sum(package_sessions_left) as sessions_left,
    sum(case when package_sessions_left > 0 and stage = 'silent' then 1 else 0 end) as silent_customers,
    sum(case when stage = 'silent' then package_sessions_left else 0 end) as silent_sessions
from fct_lifecycle_snapshot
where as_of = $as_of and scope = 'branch'
group by scope_id
order by sessions_left desc, branch_id asc
