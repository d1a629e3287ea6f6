-- The life stage of everyone known by as_of, now and when the period opened, with period status, VIP tier and risk.
-- Grain: as_of, scope, scope_id, customer_id.
with
closing as (
    select
        scope_key, customer_key, department_key, known_on, first_consumed_on, last_consumed_on,
        recency_days, frequency, monetary, sessions_left, stage, is_beyond_recall, period_status, is_provisional,
        vip_tier, vip_tier_no, stage_since, usual_gap_days, silence_risk, churn_risk, risk_band
    from int_customer_lifecycle
),

opening as (
    select scope_key, customer_key, stage, period_status, vip_tier, vip_tier_no
    from opening.int_customer_stage
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    int_published_scope.scope,
    int_published_scope.scope_id,
    customer_id(closing.customer_key) as customer_id,
    department_id(closing.department_key) as department,
    closing.known_on,
    closing.first_consumed_on,
    closing.last_consumed_on,
    closing.recency_days,
    closing.frequency,
    closing.monetary,
    closing.stage,
    closing.is_beyond_recall,
    opening.stage as previous_stage,
    closing.period_status,
    opening.period_status as previous_period_status,
    closing.vip_tier,
    opening.vip_tier as previous_vip_tier,
    closing.sessions_left as package_sessions_left,
    case
        when closing.vip_tier_no is null and opening.vip_tier_no is null then null
        when opening.vip_tier_no is null then 'entered'
        when closing.vip_tier_no is null then 'left'
        when closing.vip_tier_no > opening.vip_tier_no then 'raised'
        when closing.vip_tier_no < opening.vip_tier_no then 'lowered'
    end as vip_change,
    closing.stage_since,
    $as_of - closing.stage_since as days_in_stage,
    closing.usual_gap_days,
    closing.silence_risk,
    closing.churn_risk,
    closing.risk_band,
    closing.is_provisional
from closing
left join opening
    on closing.scope_key = opening.scope_key and closing.customer_key = opening.customer_key
inner join int_published_scope on closing.scope_key = int_published_scope.scope_key
order by closing.scope_key, closing.customer_key
