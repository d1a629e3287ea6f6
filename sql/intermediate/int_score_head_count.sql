-- Ranked customers per ruler and score, and the sum of their scores.
-- Grain: scope_key, metric_no, ruler_no.
with
scored as (
    select
        distribution.scope_key,
        distribution.metric_no,
        cut_points.ruler_no,
        distribution.customers,
        1
        + case when distribution.goodness >= cut_points.cut_2 then 1 else 0 end
        + case when distribution.goodness >= cut_points.cut_3 then 1 else 0 end
        + case when distribution.goodness >= cut_points.cut_4 then 1 else 0 end
        + case when distribution.goodness >= cut_points.cut_5 then 1 else 0 end as score
    from int_score_distribution as distribution
    inner join int_score_cut_point as cut_points
        on
            distribution.scope_key = cut_points.scope_key
            and distribution.policy_no = cut_points.policy_no
            and distribution.metric_no = cut_points.metric_no
)

select
    scope_key,
    metric_no,
    ruler_no,
    sum(customers) as customers,
    sum(customers * score) as score_sum,
    sum(case when score = 1 then customers else 0 end) as head_count_1,
    sum(case when score = 2 then customers else 0 end) as head_count_2,
    sum(case when score = 3 then customers else 0 end) as head_count_3,
    sum(case when score = 4 then customers else 0 end) as head_count_4,
    sum(case when score = 5 then customers else 0 end) as head_count_5
from scored
group by scope_key, metric_no, ruler_no
