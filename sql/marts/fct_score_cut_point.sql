-- The scoring ruler in force: per metric the worst value that still earns each score, and the head-counts.
-- Ranked customers only: those who consumed within the window.
-- Grain: as_of, scope, scope_id, metric.
with
cut_points as (
    select
        scope_key, metric_no, metric, method,
        case when metric_no = 1 then -1 else 1 end as direction,
        cut_2, cut_3, cut_4, cut_5
    from int_score_cut_point
),

head_counts as (
    select
        scope_key, metric_no, customers, score_sum,
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
    cast(head_counts.score_sum as double) / head_counts.customers as score_mean
from cut_points
inner join int_published_scope on cut_points.scope_key = int_published_scope.scope_key
left join head_counts
    on cut_points.scope_key = head_counts.scope_key and cut_points.metric_no = head_counts.metric_no
order by cut_points.scope_key, cut_points.metric
