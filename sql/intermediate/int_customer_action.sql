-- What is to be done about each customer of the chain: the most urgent reason that holds (policy_action_rule); the dead
-- beyond recall have none.
-- Whoever policy holds out is told: the same customers on every day, by a draw under its key. Whether anybody is held
-- out of the day's list is told, too.
-- Grain: customer_key.
with
customers as (
    select
        customer_key, known_on, recency_days, lifetime_monetary, sessions_left, stage, vip_tier,
        cast(day_count(consumed_days) as int) as consumption_days
    from int_customer_stage
    where scope_key = $chain_scope_key and not is_beyond_recall
),

risks as (
    select customer_key, silence_risk, churn_risk, risk_band
    from int_customer_risk
    where scope_key = $chain_scope_key
),

segments as (
    select
        customer_key,
        segment,
        is_frequency_high and frequency >= 2 and not is_monetary_high as is_low_value_high_activity
    from int_customer_score
    where scope_key = $chain_scope_key
),

known as (
    select
        customers.*,
        segments.segment,
        coalesce(segments.is_low_value_high_activity, false) as is_low_value_high_activity,
        coalesce(risks.silence_risk, risks.churn_risk) as risk,
        risks.risk_band
    from customers
    left join segments on customers.customer_key = segments.customer_key
    left join risks on customers.customer_key = risks.customer_key
),

-- A customer's stage, segment and band as bits, for rules hold sets of them.
coded as (
    select
        customer_key,
        case stage
            when 'potential' then 1
            when 'new' then 2
            when 'effective' then 4
            when 'active' then 8
            when 'loyal' then 16
            when 'silent' then 32
            when 'dormant' then 64
            else 128
        end as stage_bit,
        case segment
            when 'HHH' then 1
            when 'HLH' then 2
            when 'LHH' then 4
            when 'LLH' then 8
            when 'HHL' then 16
            when 'HLL' then 32
            when 'LHL' then 64
            when 'LLL' then 128
            else 0
        end as segment_bit,
        case risk_band
            when 'low' then 1
            when 'medium' then 2
            when 'high' then 4
            else 0
        end as risk_bit,
        recency_days,
        $as_of - known_on as known_days,
        consumption_days,
        sessions_left > 0 as has_sessions_left,
        vip_tier is not null as is_vip,
        is_low_value_high_activity
    from known
),

-- The most urgent has the lowest number.
reasons as (
    select
        coded.customer_key,
        min(rules.action_no) as action_no
    from policy_action_rule as rules
    cross join coded
    where
        (rules.stages is null or (rules.stages & coded.stage_bit) > 0)
        and (rules.segments is null or (rules.segments & coded.segment_bit) > 0)
        and (rules.risk_bands is null or (rules.risk_bands & coded.risk_bit) > 0)
        and (rules.recency_from is null or coded.recency_days >= rules.recency_from)
        and (rules.recency_until is null or coded.recency_days <= rules.recency_until)
        and (rules.known_from is null or coded.known_days >= rules.known_from)
        and (rules.known_until is null or coded.known_days <= rules.known_until)
        and (rules.consumption_days_from is null or coded.consumption_days >= rules.consumption_days_from)
        and (rules.consumption_days_until is null or coded.consumption_days <= rules.consumption_days_until)
        and (rules.has_sessions_left is null or coded.has_sessions_left = rules.has_sessions_left)
        and (rules.is_vip is null or coded.is_vip = rules.is_vip)
        and (
            rules.is_low_value_high_activity is null
            or coded.is_low_value_high_activity = rules.is_low_value_high_activity
        )
    group by coded.customer_key
)

select
    known.customer_key,
    known.stage,
    known.vip_tier,
    known.recency_days,
    known.lifetime_monetary,
    known.sessions_left,
    known.segment,
    known.risk,
    known.risk_band,
    policy_action.action,
    $hold_out_below > 0 as has_hold_out,
    $hold_out_below > 0 and keyed_draw($hold_out_key, customer_id(known.customer_key)) < $hold_out_below
        as is_held_out
from known
inner join reasons on known.customer_key = reasons.customer_key
inner join policy_action on reasons.action_no = policy_action.action_no
