-- Whom to contact, where, why and how urgently. The most urgent reason that holds is the customer's; the dead beyond
-- recall have none. Those held out come last at each branch: they aren't to be contacted.
-- Grain: as_of, branch_id, customer_id.
select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    branch_id(int_home_branch.branch_key) as branch_id,
    customer_id(actions.customer_key) as customer_id,
    policy_action.priority,
    row_number() over (
        partition by int_home_branch.branch_key
        order by
            actions.is_held_out asc,
            policy_action.priority asc,
            actions.lifetime_monetary desc,
            actions.customer_key asc
    ) as branch_rank,
    actions.action,
    actions.stage,
    actions.segment,
    actions.vip_tier,
    actions.recency_days,
    actions.lifetime_monetary,
    actions.risk,
    actions.risk_band,
    actions.sessions_left as package_sessions_left,
    actions.is_held_out
from int_customer_action as actions
inner join policy_action on actions.action = policy_action.action
inner join int_home_branch on actions.customer_key = int_home_branch.customer_key
order by int_home_branch.branch_key, actions.customer_key
