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
        vip_tier_no,
        usual_gap_days,
        silence_risk,
        churn_risk,
        risk_band
    from int_customer_risk
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
        ladder.new_recency_days
    from customers
    inner join policy_ladder as ladder on customers.policy_no = ladder.policy_no
    left join int_package_scope as packages
        on customers.scope_key = packages.scope_key and customers.customer_key = packages.customer_key
),

changes as (
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
        end as not_new_since
    from since
)

select
    scope_key,
    customer_key,
    department_key,
    known_on,
    first_consumed_on,
    last_consumed_on,
    recency_days,
    frequency,
    monetary,
    sessions_left,
    stage,
    is_beyond_recall,
    period_status,
    is_provisional,
    vip_tier,
    vip_tier_no,
    coalesce(
        greatest(
            first_consumed_on,
            dead_since,
            dormant_since,
            loyal_since,
            active_since,
            effective_since,
            not_new_since
        ),
        known_on
    ) as stage_since,
    usual_gap_days,
    silence_risk,
    churn_risk,
    risk_band
from changes
