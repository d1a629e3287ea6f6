-- The scoring rulers in force: per metric the worst value that still earns each score, and the head-counts. The
-- chain's ruler has neither department nor item; one of their own that scored nobody is left out.
-- Ranked customers only: those who consumed within the window.
-- Grain: as_of, scope, scope_id, metric, department, item_id.
with
cut_points as (
    select
        scope_key, ruler_no, metric_no, metric, department, item_id, method,
        case when metric_no = 1 then -1 else 1 end as direction,
        cut_2, cut_3, cut_4, cut_5
    from int_score_cut_point
    where policy_no = ruler_no
),

head_counts as (
    select
        scope_key, metric_no, ruler_no, customers,
        head_count_1, head_count_2, head_count_3, head_count_4, head_count_5
    from int_score_head_count
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    int_published_scope.scope,
    int_published_scope.scope_id,
    cut_points.metric,
    cut_points.department,
    cut_points.item_id,
    cut_points.method,
    cut_points.direction * cut_points.cut_2 as cut_point_2,
    cut_points.direction * cut_points.cut_3 as cut_point_3,
    cut_points.direction * cut_points.cut_4 as cut_point_4,
    cut_points.direction * cut_points.cut_5 as cut_point_5,
    coalesce(head_counts.customers, 0) as customers,
    coalesce(head_counts.head_count_1, 0) as head_count_1,
    coalesce(head_counts.head_count_2, 0) as head_count_2,
    coalesce(head_counts.head_count_3, 0) as head_count_3,
    coalesce(head_counts.head_count_4, 0) as head_count_4,
    coalesce(head_counts.head_count_5, 0) as head_count_5,
    cast(int_score_mean.score_sum as double) / int_score_mean.customers as score_mean
from cut_points
inner join int_published_scope on cut_points.scope_key = int_published_scope.scope_key
left join head_counts
    on
        cut_points.scope_key = head_counts.scope_key
        and cut_points.ruler_no = head_counts.ruler_no
        and cut_points.metric_no = head_counts.metric_no
left join int_score_mean
    on cut_points.scope_key = int_score_mean.scope_key and cut_points.metric_no = int_score_mean.metric_no
where cut_points.ruler_no = 0 or head_counts.customers > 0
order by cut_points.scope_key, cut_points.metric, cut_points.department nulls first, cut_points.item_id nulls first
