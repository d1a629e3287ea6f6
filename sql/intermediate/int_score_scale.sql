-- All that is needed to score a customer, side by side: cut points, the scores that policy calls high, and the mean as
-- sum and count so that comparing with it stays exact.
-- A metric is high up to, or from, its limit: fewer days than that, so many days, so much money in the window. It has
-- none where nothing is high, or everything.
-- Only ranked customers are scored by quintiles, also by those of an earlier day; thresholds score everybody.
-- Grain: scope_key, policy_no.
with
scales as (
    select
        cut_points.scope_key,
        cut_points.policy_no,
        cut_points.metric_no,
        cut_points.method <> 'thresholds' as is_of_ranked,
        cut_points.cut_2,
        cut_points.cut_3,
        cut_points.cut_4,
        cut_points.cut_5,
        means.customers,
        means.score_sum
    from int_score_cut_point as cut_points
    left join int_score_mean as means
        on cut_points.scope_key = means.scope_key and cut_points.metric_no = means.metric_no
),

scope_scales as (
    select
        scope_key,
        policy_no,
        max(customers) as ranked_customers,
        bool_or(metric_no = 1 and is_of_ranked) as is_recency_of_ranked,
        bool_or(metric_no = 2 and is_of_ranked) as is_frequency_of_ranked,
        bool_or(metric_no = 3 and is_of_ranked) as is_monetary_of_ranked,
        max(case when metric_no = 1 then cut_2 end) as recency_cut_2,
        max(case when metric_no = 1 then cut_3 end) as recency_cut_3,
        max(case when metric_no = 1 then cut_4 end) as recency_cut_4,
        max(case when metric_no = 1 then cut_5 end) as recency_cut_5,
        max(case when metric_no = 2 then cut_2 end) as frequency_cut_2,
        max(case when metric_no = 2 then cut_3 end) as frequency_cut_3,
        max(case when metric_no = 2 then cut_4 end) as frequency_cut_4,
        max(case when metric_no = 2 then cut_5 end) as frequency_cut_5,
        max(case when metric_no = 3 then cut_2 end) as monetary_cut_2,
        max(case when metric_no = 3 then cut_3 end) as monetary_cut_3,
        max(case when metric_no = 3 then cut_4 end) as monetary_cut_4,
        max(case when metric_no = 3 then cut_5 end) as monetary_cut_5,
        max(case when metric_no = 1 then score_sum end) as recency_score_sum,
        max(case when metric_no = 2 then score_sum end) as frequency_score_sum,
        max(case when metric_no = 3 then score_sum end) as monetary_score_sum
    from scales
    group by scope_key, policy_no
),

high_cuts as (
    select
        scope_scales.*,
        policy_high.recency_from,
        policy_high.frequency_from,
        policy_high.monetary_from,
        cast(policy_ladder.window_days as bigint) as window_days,
        case coalesce(
            policy_high.recency_from,
            (scope_scales.recency_score_sum + scope_scales.ranked_customers - 1)
            / nullif(scope_scales.ranked_customers, 0)
        )
            when 2 then scope_scales.recency_cut_2
            when 3 then scope_scales.recency_cut_3
            when 4 then scope_scales.recency_cut_4
            when 5 then scope_scales.recency_cut_5
        end as recency_high_cut,
        case coalesce(
            policy_high.frequency_from,
            (scope_scales.frequency_score_sum + scope_scales.ranked_customers - 1)
            / nullif(scope_scales.ranked_customers, 0)
        )
            when 2 then scope_scales.frequency_cut_2
            when 3 then scope_scales.frequency_cut_3
            when 4 then scope_scales.frequency_cut_4
            when 5 then scope_scales.frequency_cut_5
        end as frequency_high_cut,
        case coalesce(
            policy_high.monetary_from,
            (scope_scales.monetary_score_sum + scope_scales.ranked_customers - 1)
            / nullif(scope_scales.ranked_customers, 0)
        )
            when 2 then scope_scales.monetary_cut_2
            when 3 then scope_scales.monetary_cut_3
            when 4 then scope_scales.monetary_cut_4
            when 5 then scope_scales.monetary_cut_5
        end as monetary_high_cut
    from policy_high
    cross join scope_scales
    inner join policy_ladder on scope_scales.policy_no = policy_ladder.policy_no
)

select
    *,
    case
        when recency_high_cut is null then null
        when is_recency_of_ranked then least(cast(1 - recency_high_cut as bigint), window_days)
        else cast(1 - recency_high_cut as bigint)
    end as recency_limit,
    case
        when frequency_high_cut is null then null
        when is_frequency_of_ranked then greatest(cast(frequency_high_cut as bigint), 1)
        when frequency_high_cut >= 1 then cast(frequency_high_cut as bigint)
    end as frequency_limit,
    monetary_high_cut as monetary_limit
from high_cuts
