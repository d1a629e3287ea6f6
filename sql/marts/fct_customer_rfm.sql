-- R, F and M of every customer who has consumed by as_of, their scores and the value segment, now and when the period
-- opened.
-- Grain: as_of, scope, scope_id, customer_id.
with
scored as (
    select
        scope_key, customer_key, department_key, first_consumed_on, last_consumed_on, recency_days, frequency, monetary,
        recency_score, frequency_score, monetary_score, is_recency_high, is_frequency_high, is_monetary_high, segment,
        segment_since
    from int_customer_score
),

opening as (
    select scope_key, customer_key, segment from opening.int_customer_score
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    int_published_scope.scope,
    int_published_scope.scope_id,
    customer_id(scored.customer_key) as customer_id,
    department_id(scored.department_key) as department,
    scored.first_consumed_on,
    scored.last_consumed_on,
    scored.recency_days,
    scored.frequency,
    scored.monetary,
    scored.recency_score,
    scored.frequency_score,
    scored.monetary_score,
    concat(scored.recency_score, scored.frequency_score, scored.monetary_score) as rfm_cell,
    scored.is_recency_high,
    scored.is_frequency_high,
    scored.is_monetary_high,
    scored.segment,
    scored.is_frequency_high and scored.frequency >= 2 and not scored.is_monetary_high as low_value_high_activity,
    opening.segment as previous_segment,
    scored.segment_since
from scored
left join opening
    on scored.scope_key = opening.scope_key and scored.customer_key = opening.customer_key
inner join int_published_scope on scored.scope_key = int_published_scope.scope_key
order by scored.scope_key, scored.customer_key
