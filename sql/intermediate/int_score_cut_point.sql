-- The least goodness that earns each score, per scope group and metric: from the quintiles or from policy.
-- Quintile: score = 1 + floor(5 * strictly worse / ranked), so score s begins where 5 * worse >= (s - 1) * ranked.
-- Grain: scope_key, metric_no.
with
quintiles as (
    select
        scope_key,
        metric_no,
        min(case when 5 * worse_customers >= 1 * ranked_customers then goodness end) as cut_2,
        min(case when 5 * worse_customers >= 2 * ranked_customers then goodness end) as cut_3,
        min(case when 5 * worse_customers >= 3 * ranked_customers then goodness end) as cut_4,
        min(case when 5 * worse_customers >= 4 * ranked_customers then goodness end) as cut_5
    from int_score_distribution
    group by scope_key, metric_no
),

policies as (
    select metric_no, metric, method, cut_2, cut_3, cut_4, cut_5
    from policy_cut_point
    where policy_no = 0
)

select
    int_scope.scope_key,
    policies.metric_no,
    policies.metric,
    policies.method,
    case when policies.method = 'quintile' then quintiles.cut_2 else policies.cut_2 end as cut_2,
    case when policies.method = 'quintile' then quintiles.cut_3 else policies.cut_3 end as cut_3,
    case when policies.method = 'quintile' then quintiles.cut_4 else policies.cut_4 end as cut_4,
    case when policies.method = 'quintile' then quintiles.cut_5 else policies.cut_5 end as cut_5
from int_scope
cross join policies
left join quintiles
    on int_scope.scope_key = quintiles.scope_key and policies.metric_no = quintiles.metric_no
