-- R, F, M, scores and segments on run.as_of, from the tables of stages.sql.

-- R, F, M of everybody who ever consumed there.
create or replace table rfm_value as
with frequency as (
    select
        scoped_consumption.scope,
        scoped_consumption.scope_id,
        scoped_consumption.customer_id,
        count(distinct scoped_consumption.consumed_on) as days,
        count(distinct scoped_consumption.order_key) as orders,
        count(scoped_consumption.order_key) as lines,
    from scoped_consumption
    inner join run on scoped_consumption.known_on = run.as_of
    inner join own_window using (known_on, scope, scope_id, customer_id)
    where scoped_consumption.consumed_on > run.as_of - own_window.window_days
    group by scoped_consumption.scope, scoped_consumption.scope_id, scoped_consumption.customer_id
),

monetary as (
    select
        scoped_money.scope,
        scoped_money.scope_id,
        scoped_money.customer_id,
        sum(scoped_money.amount) as monetary,
    from scoped_money
    inner join run on scoped_money.paid_on <= run.as_of
    inner join own_window
        on own_window.known_on = run.as_of
        and scoped_money.scope = own_window.scope
        and scoped_money.scope_id = own_window.scope_id
        and scoped_money.customer_id = own_window.customer_id
    where scoped_money.paid_on > run.as_of - own_window.window_days
    group by scoped_money.scope, scoped_money.scope_id, scoped_money.customer_id
)

select
    consumer.scope,
    consumer.scope_id,
    consumer.customer_id,
    consumer.first_consumed_on,
    consumer.last_consumed_on,
    run.as_of - consumer.last_consumed_on as recency_days,
    coalesce(
        case run.frequency_counts
            when 'days' then frequency.days
            when 'orders' then frequency.orders
            when 'lines' then frequency.lines
        end,
        0
    ) as frequency,
    coalesce(monetary.monetary, 0)::decimal(18, 2) as monetary,
    consumer.last_consumed_on > run.as_of - own_window.window_days as is_ranked,
from consumer
inner join run on consumer.known_on = run.as_of
inner join own_window using (known_on, scope, scope_id, customer_id)
left join frequency using (scope, scope_id, customer_id)
left join monetary using (scope, scope_id, customer_id);

-- One row per customer and metric. How many of the ranked are strictly worse: of an ascending order
-- from the worst, the rank less one.
create or replace table score as
with long as (
    select scope, scope_id, customer_id, is_ranked, 'recency_days' as metric, -recency_days::decimal(18, 2) as goodness, recency_days::decimal(18, 2) as value
    from rfm_value
    union all
    select scope, scope_id, customer_id, is_ranked, 'frequency' as metric, frequency::decimal(18, 2) as goodness, goodness as value
    from rfm_value
    union all
    select scope, scope_id, customer_id, is_ranked, 'monetary' as metric, monetary as goodness, monetary as value
    from rfm_value
),

counted as (
    select
        long.*,
        rank() over (partition by metric, scope, scope_id, is_ranked order by goodness) - 1 as worse,
        count(*) over (partition by metric, scope, scope_id, is_ranked) as customers,
        case metric
            when 'recency_days' then run.recency_scoring
            when 'frequency' then run.frequency_scoring
            when 'monetary' then run.monetary_scoring
        end as scoring,
    from long
    cross join run
)

select
    counted.scope,
    counted.scope_id,
    counted.customer_id,
    counted.metric,
    counted.is_ranked,
    counted.value,
    case
        when counted.scoring = 'thresholds' then threshold.score
        when counted.is_ranked then 1 + (5 * counted.worse) // counted.customers
        else 1
    end as score,
from counted
left join threshold
    on counted.scoring = 'thresholds'
    and counted.metric = threshold.metric
    and (
        threshold.lower is null or counted.value > threshold.lower
        or (counted.value = threshold.lower and not threshold.is_lower_open)
    )
    and (
        threshold.upper is null or counted.value < threshold.upper
        or (counted.value = threshold.upper and not threshold.is_upper_open)
    );

-- The mean score and the cut points per scope group, over those who consumed within the window.
create or replace table want_fct_score_cut_point as
with scope_group as (
    select distinct scope, scope_id, metric from score
),

ranked as (
    select
        scope,
        scope_id,
        metric,
        count(*) as customers,
        sum(score) as score_sum,
        count(*) filter (where score = 1) as head_count_1,
        count(*) filter (where score = 2) as head_count_2,
        count(*) filter (where score = 3) as head_count_3,
        count(*) filter (where score = 4) as head_count_4,
        count(*) filter (where score = 5) as head_count_5,
        if(metric = 'recency_days', max(value) filter (where score >= 2), min(value) filter (where score >= 2)) as seen_2,
        if(metric = 'recency_days', max(value) filter (where score >= 3), min(value) filter (where score >= 3)) as seen_3,
        if(metric = 'recency_days', max(value) filter (where score >= 4), min(value) filter (where score >= 4)) as seen_4,
        if(metric = 'recency_days', max(value) filter (where score >= 5), min(value) filter (where score >= 5)) as seen_5,
    from score
    where is_ranked
    group by scope, scope_id, metric
),

-- A score that isn't given has the cut point of the next better one that is.
declared as (
    select
        metric,
        if(metric = 'recency_days', max(upper) filter (where score >= 2), min(lower) filter (where score >= 2)) as declared_2,
        if(metric = 'recency_days', max(upper) filter (where score >= 3), min(lower) filter (where score >= 3)) as declared_3,
        if(metric = 'recency_days', max(upper) filter (where score >= 4), min(lower) filter (where score >= 4)) as declared_4,
        if(metric = 'recency_days', max(upper) filter (where score >= 5), min(lower) filter (where score >= 5)) as declared_5,
    from threshold
    group by metric
)

select
    scope_group.scope,
    scope_group.scope_id,
    scope_group.metric,
    coalesce(declared.declared_2, ranked.seen_2) as cut_point_2,
    coalesce(declared.declared_3, ranked.seen_3) as cut_point_3,
    coalesce(declared.declared_4, ranked.seen_4) as cut_point_4,
    coalesce(declared.declared_5, ranked.seen_5) as cut_point_5,
    coalesce(ranked.head_count_1, 0) as head_count_1,
    coalesce(ranked.head_count_2, 0) as head_count_2,
    coalesce(ranked.head_count_3, 0) as head_count_3,
    coalesce(ranked.head_count_4, 0) as head_count_4,
    coalesce(ranked.head_count_5, 0) as head_count_5,
    coalesce(ranked.customers, 0) as customers,
    ranked.score_sum,
    ranked.score_sum::double / ranked.customers as score_mean,
from scope_group
left join ranked using (scope, scope_id, metric)
left join declared using (metric);

create or replace table want_fct_customer_rfm as
with flagged as (
    select
        score.*,
        if(
            high_from.score is null,
            coalesce(score.score * want_fct_score_cut_point.customers >= want_fct_score_cut_point.score_sum, false),
            score.score >= high_from.score
        ) as is_high,
    from score
    inner join want_fct_score_cut_point using (scope, scope_id, metric)
    left join high_from using (metric)
),

scored as (
    select
        rfm_value.*,
        recency.score as recency_score,
        frequency.score as frequency_score,
        monetary.score as monetary_score,
        recency.is_high as is_recency_high,
        frequency.is_high as is_frequency_high,
        monetary.is_high as is_monetary_high,
    from rfm_value
    inner join flagged as recency
        on rfm_value.scope = recency.scope and rfm_value.scope_id = recency.scope_id
        and rfm_value.customer_id = recency.customer_id and recency.metric = 'recency_days'
    inner join flagged as frequency
        on rfm_value.scope = frequency.scope and rfm_value.scope_id = frequency.scope_id
        and rfm_value.customer_id = frequency.customer_id and frequency.metric = 'frequency'
    inner join flagged as monetary
        on rfm_value.scope = monetary.scope and rfm_value.scope_id = monetary.scope_id
        and rfm_value.customer_id = monetary.customer_id and monetary.metric = 'monetary'
)

select
    * exclude (is_ranked),
    recency_score::text || frequency_score::text || monetary_score::text as rfm_cell,
    if(is_recency_high, 'H', 'L') || if(is_frequency_high, 'H', 'L') || if(is_monetary_high, 'H', 'L') as segment,
    not is_monetary_high and is_frequency_high and frequency >= 2 as low_value_high_activity,
from scored;
