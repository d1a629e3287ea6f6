-- The least goodness that earns each score, per scope group, policy and metric: from the quintiles of the scope
-- group, from policy, or from an earlier closing snapshot. ruler_no is the policy_no whose cut points these are.
-- Quintile: score = 1 + floor(5 * strictly worse / ranked), so score s begins where 5 * worse >= (s - 1) * ranked.
-- Grain: scope_key, policy_no, metric_no.
with
-- What customers of all policies reach, for a quintile ranks the whole scope group.
levels as (
    select
        scope_key,
        metric_no,
        goodness,
        sum(customers) as customers
    from int_score_distribution
    group by scope_key, metric_no, goodness
),

ranked as (
    select
        scope_key,
        metric_no,
        sum(customers) as customers
    from int_score_distribution
    group by scope_key, metric_no
),

standings as (
    select
        scope_key,
        metric_no,
        goodness,
        sum(customers) over (
            partition by scope_key, metric_no order by goodness
            rows between unbounded preceding and current row
        ) - customers as worse_customers
    from levels
),

quintiles as (
    select
        standings.scope_key,
        standings.metric_no,
        min(case when 5 * standings.worse_customers >= 1 * ranked.customers then standings.goodness end) as cut_2,
        min(case when 5 * standings.worse_customers >= 2 * ranked.customers then standings.goodness end) as cut_3,
        min(case when 5 * standings.worse_customers >= 3 * ranked.customers then standings.goodness end) as cut_4,
        min(case when 5 * standings.worse_customers >= 4 * ranked.customers then standings.goodness end) as cut_5
    from standings
    inner join ranked on standings.scope_key = ranked.scope_key and standings.metric_no = ranked.metric_no
    group by standings.scope_key, standings.metric_no
),

frozen as (
    select scope_key, policy_no, metric_no, cut_2, cut_3, cut_4, cut_5
    from policy_frozen_cut_point
)

select
    int_scope.scope_key,
    policies.policy_no,
    policies.metric_no,
    policies.ruler_no,
    policies.department,
    policies.item_id,
    policies.metric,
    policies.method,
    case policies.method
        when 'quintile' then quintiles.cut_2 when 'frozen' then frozen.cut_2 else policies.cut_2
    end as cut_2,
    case policies.method
        when 'quintile' then quintiles.cut_3 when 'frozen' then frozen.cut_3 else policies.cut_3
    end as cut_3,
    case policies.method
        when 'quintile' then quintiles.cut_4 when 'frozen' then frozen.cut_4 else policies.cut_4
    end as cut_4,
    case policies.method
        when 'quintile' then quintiles.cut_5 when 'frozen' then frozen.cut_5 else policies.cut_5
    end as cut_5
from int_scope
cross join policy_cut_point as policies
left join quintiles
    on int_scope.scope_key = quintiles.scope_key and policies.metric_no = quintiles.metric_no
left join frozen
    on
        int_scope.scope_key = frozen.scope_key
        and policies.policy_no = frozen.policy_no
        and policies.metric_no = frozen.metric_no
