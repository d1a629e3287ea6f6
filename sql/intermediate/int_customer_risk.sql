-- Each customer's usual gap between visits and the risk of losing them, beside what both are made of.
-- Grain: scope_key, customer_key.
with
customers as (
    select
        scope_key,
        customer_key,
        department_key,
        policy_no,
        known_on,
        first_consumed_on,
        last_consumed_on,
        consumed_days,
        recency_days,
        frequency,
        monetary,
        sessions_left,
        stage,
        is_beyond_recall,
        period_status,
        is_provisional,
        vip_tier,
        vip_tier_no
    from int_customer_stage
),

-- One row, first in its join: the engine holds what is on the left.
chain as (
    select int_usual_gap.gap_days, int_half_return.half_return_days
    from int_usual_gap
    left join int_half_return on int_half_return.department_key is null
    where int_usual_gap.department_key is null
),

departments as (
    select
        coalesce(int_usual_gap.department_key, int_half_return.department_key) as department_key,
        int_usual_gap.gap_days,
        int_half_return.half_return_days
    from int_usual_gap
    full join int_half_return on int_usual_gap.department_key = int_half_return.department_key
),

gaps as (
    select
        customers.*,
        ladder.dormant_idle_days,
        usual_gap(
            customers.consumed_days,
            case when customers.last_consumed_on is not null then coalesce(departments.gap_days, chain.gap_days) end
        ) as usual_gap_days,
        coalesce(departments.half_return_days, chain.half_return_days) as half_return_days
    from chain
    cross join customers
    inner join policy_ladder as ladder on customers.policy_no = ladder.policy_no
    left join departments on customers.department_key = departments.department_key
),

risks as (
    select
        *,
        case
            when stage in ('effective', 'active', 'loyal')
                then (recency_days + usual_gap_days) / (recency_days + usual_gap_days + dormant_idle_days)
        end as silence_risk,
        case
            when stage in ('silent', 'dormant')
                then (recency_days + usual_gap_days) / (recency_days + usual_gap_days + half_return_days)
        end as churn_risk
    from gaps
)

select
    risks.*,
    case
        when risks.silence_risk >= policy_risk.silence_high or risks.churn_risk >= policy_risk.churn_high
            then 'high'
        when risks.silence_risk >= policy_risk.silence_medium or risks.churn_risk >= policy_risk.churn_medium
            then 'medium'
        when risks.silence_risk is not null or risks.churn_risk is not null
            then 'low'
    end as risk_band
from policy_risk
cross join risks
