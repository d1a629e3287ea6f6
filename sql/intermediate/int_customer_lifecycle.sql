-- Each customer's stage with how long they have been in it, and the risk of losing them.
-- The stage's rule and those before it have each had their present truth since some day; since the latest of these
-- days the stage has been what it is. With packages, days on which one had sessions left count as not idle.
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

-- A rule that doesn't count for a stage is asked on no day, rather than in a case: the engine copies the rows that each
-- branch of a case is left with, lists and all.
since as (
    select
        customers.*,
        ladder.dead_idle_days,
        ladder.dormant_idle_days,
        union_days(customers.consumed_days, packages.package_days) as busy_days,
        rhythm_since(
            customers.consumed_days,
            case when customers.stage not in ('potential', 'dead', 'dormant') then $as_of end,
            ladder.loyal_recency_days, ladder.loyal_window_days, ladder.loyal_frequency
        ) as loyal_since,
        rhythm_since(
            customers.consumed_days,
            case when customers.stage not in ('potential', 'dead', 'dormant', 'loyal') then $as_of end,
            ladder.active_recency_days, ladder.active_window_days, ladder.active_frequency
        ) as active_since,
        rhythm_since(
            customers.consumed_days,
            case when customers.stage not in ('potential', 'dead', 'dormant', 'loyal', 'active') then $as_of end,
            ladder.effective_recency_days, ladder.effective_window_days, ladder.effective_frequency
        ) as effective_since,
        nth_day(customers.consumed_days, 2) as second_consumed_on,
        ladder.new_recency_days,
        usual_gap(
            customers.consumed_days,
            case when customers.last_consumed_on is not null then coalesce(departments.gap_days, chain.gap_days) end
        ) as usual_gap_days,
        coalesce(departments.half_return_days, chain.half_return_days) as half_return_days
    from chain
    cross join customers
    inner join policy_ladder as ladder on customers.policy_no = ladder.policy_no
    left join int_package_scope as packages
        on customers.scope_key = packages.scope_key and customers.customer_key = packages.customer_key
    left join departments on customers.department_key = departments.department_key
),

risks as (
    select
        *,
        rhythm_since(busy_days, $as_of, dead_idle_days, dead_idle_days, 1) as dead_since,
        rhythm_since(
            busy_days,
            case when stage not in ('potential', 'dead') then $as_of end,
            dormant_idle_days, dormant_idle_days, 1
        ) as dormant_since,
        case
            when stage = 'silent' then least(first_consumed_on + new_recency_days + 1, second_consumed_on)
        end as not_new_since,
        case
            when stage in ('effective', 'active', 'loyal')
                then (recency_days + usual_gap_days) / (recency_days + usual_gap_days + dormant_idle_days)
        end as silence_risk,
        case
            when stage in ('silent', 'dormant')
                then (recency_days + usual_gap_days) / (recency_days + usual_gap_days + half_return_days)
        end as churn_risk
    from since
)

select
    risks.scope_key,
    risks.customer_key,
    risks.department_key,
    risks.known_on,
    risks.first_consumed_on,
    risks.last_consumed_on,
    risks.recency_days,
    risks.frequency,
    risks.monetary,
    risks.sessions_left,
    risks.stage,
    risks.is_beyond_recall,
    risks.period_status,
    risks.is_provisional,
    risks.vip_tier,
    risks.vip_tier_no,
    coalesce(
        greatest(
            risks.first_consumed_on,
            risks.dead_since,
            risks.dormant_since,
            risks.loyal_since,
            risks.active_since,
            risks.effective_since,
            risks.not_new_since
        ),
        risks.known_on
    ) as stage_since,
    risks.usual_gap_days,
    risks.silence_risk,
    risks.churn_risk,
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
