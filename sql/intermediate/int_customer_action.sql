-- What is to be done about each customer of the chain: the first reason that holds; the dead beyond recall have none.
-- Whoever policy holds out is told: the same customers on every day, by a draw under its key. Whether anybody is held
-- out of the day's list is told, too.
-- Grain: customer_key.
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
    from int_customer_risk
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
    customer_key,
    stage,
    vip_tier,
    recency_days,
    lifetime_monetary,
    sessions_left,
    segment,
    risk,
    risk_band,
    action,
    $hold_out_below > 0 as has_hold_out,
    $hold_out_below > 0 and keyed_draw($hold_out_key, customer_id(customer_key)) < $hold_out_below as is_held_out
from judged
where action is not null
