-- Whom to contact, where, why and how urgently. The first reason that holds is the customer's; the dead beyond recall
-- have none.
-- Grain: as_of, branch_id, customer_id.
with
customers as (
    select
        customer_key, known_on, first_consumed_on, last_consumed_on, recency_days, lifetime_monetary, sessions_left,
        stage, vip_tier
    from int_customer_stage
    where scope_key = $chain_scope_key and not is_beyond_recall
),

risks as (
    select customer_key, silence_risk, churn_risk, risk_band
    from int_customer_lifecycle
    where scope_key = $chain_scope_key
),

segments as (
    select customer_key, segment
    from int_customer_score
    where scope_key = $chain_scope_key
),

judged as (
    select
        customers.customer_key,
        customers.stage,
        customers.vip_tier,
        customers.recency_days,
        customers.lifetime_monetary,
        customers.sessions_left,
        segments.segment,
        coalesce(risks.silence_risk, risks.churn_risk) as risk,
        risks.risk_band,
        case
            when customers.stage in ('silent', 'dormant') and segments.segment in ('LHH', 'LLH')
                then 'win_back_important'
            when customers.stage in ('effective', 'active', 'loyal') and risks.risk_band = 'high'
                then 'keep_rhythm'
            when customers.sessions_left > 0 and customers.recency_days >= policy_action.use_sessions_from_days
                then 'use_sessions'
            when
                customers.first_consumed_on = customers.last_consumed_on
                and customers.recency_days
                between policy_action.second_visit_from_days and policy_action.second_visit_until_days
                then 'second_visit'
            when customers.stage = 'dormant'
                then 'recall_dormant'
            when customers.stage = 'dead'
                then 'recall_dead'
            when segments.segment = 'HLH'
                then 'raise_frequency'
            when segments.segment = 'HHH' or customers.vip_tier is not null
                then 'care_vip'
            when
                customers.stage = 'potential'
                and $as_of - customers.known_on <= policy_action.follow_up_lead_until_days
                then 'follow_up_lead'
        end as action
    from customers
    cross join policy_action
    left join segments on customers.customer_key = segments.customer_key
    left join risks on customers.customer_key = risks.customer_key
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    branch_id(int_home_branch.branch_key) as branch_id,
    customer_id(judged.customer_key) as customer_id,
    cast(seed_action.priority as int) as priority,
    row_number() over (
        partition by int_home_branch.branch_key
        order by cast(seed_action.priority as int) asc, judged.lifetime_monetary desc, judged.customer_key asc
    ) as branch_rank,
    judged.action,
    judged.stage,
    judged.segment,
    judged.vip_tier,
    judged.recency_days,
    judged.lifetime_monetary,
    judged.risk,
    judged.risk_band,
    judged.sessions_left as package_sessions_left
from judged
inner join seed_action on judged.action = seed_action.action
inner join int_home_branch on judged.customer_key = int_home_branch.customer_key
order by int_home_branch.branch_key, judged.customer_key
