-- The published numbers of one snapshot, from the tables of stages.sql.

create or replace table period as
with bounds as (
    select
        as_of,
        period as kind,
        case period
            when 'day' then as_of
            else date_trunc(period, as_of)::date
        end as period_start,
        case period
            when 'day' then interval 1 day
            when 'week' then interval 7 day
            when 'month' then interval 1 month
            when 'quarter' then interval 3 month
        end as length,
    from run
)

select
    as_of,
    period_start,
    (period_start + length)::date - 1 as period_end,
    (period_start - length)::date as previous_start,
    period_start - 1 as opening,
    as_of = period_end as is_period_end,
    case kind
        when 'day' then strftime(as_of, '%Y-%m-%d')
        when 'week' then strftime(as_of, '%G-W%V')
        when 'month' then strftime(as_of, '%Y-%m')
        when 'quarter' then strftime(as_of, '%Y-Q') || quarter(as_of)::text
    end as period,
from bounds;

-- R, F, M of everybody who ever consumed there.
create or replace table rfm_value as
with frequency as (
    select
        scoped_consumption.scope,
        scoped_consumption.scope_id,
        scoped_consumption.customer_id,
        count(distinct scoped_consumption.consumed_on) as days,
        count(distinct scoped_consumption.order_id) as orders,
        count(scoped_consumption.order_id) as lines,
    from scoped_consumption
    inner join run
        on scoped_consumption.known_on = run.as_of
        and scoped_consumption.consumed_on > run.as_of - run.window_days
    group by scoped_consumption.scope, scoped_consumption.scope_id, scoped_consumption.customer_id
),

monetary as (
    select
        scoped_money.scope,
        scoped_money.scope_id,
        scoped_money.customer_id,
        sum(scoped_money.amount) as monetary,
    from scoped_money
    inner join run
        on scoped_money.paid_on <= run.as_of
        and scoped_money.paid_on > run.as_of - run.window_days
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
    consumer.last_consumed_on > run.as_of - run.window_days as is_ranked,
from consumer
inner join run on consumer.known_on = run.as_of
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

declared as (
    select
        metric,
        max(if(metric = 'recency_days', upper, lower)) filter (where score = 2) as declared_2,
        max(if(metric = 'recency_days', upper, lower)) filter (where score = 3) as declared_3,
        max(if(metric = 'recency_days', upper, lower)) filter (where score = 4) as declared_4,
        max(if(metric = 'recency_days', upper, lower)) filter (where score = 5) as declared_5,
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
        coalesce(
            score.score * want_fct_score_cut_point.customers >= want_fct_score_cut_point.score_sum, false
        ) as is_high,
    from score
    inner join want_fct_score_cut_point using (scope, scope_id, metric)
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
    not is_monetary_high and is_frequency_high as low_value_high_activity,
from scored;

create or replace table want_fct_lifecycle_snapshot as
select
    stage.scope,
    stage.scope_id,
    stage.customer_id,
    stage.stage,
    before.stage as previous_stage,
    consumer.first_consumed_on,
    consumer.last_consumed_on,
from stage
cross join period
left join stage as before
    on before.known_on = period.opening
    and stage.scope = before.scope
    and stage.scope_id = before.scope_id
    and stage.customer_id = before.customer_id
left join consumer
    on stage.known_on = consumer.known_on
    and stage.scope = consumer.scope
    and stage.scope_id = consumer.scope_id
    and stage.customer_id = consumer.customer_id
where stage.known_on = period.as_of;

create or replace table want_fct_lifecycle_transition as
select scope, scope_id, previous_stage as from_stage, stage as to_stage, count(*) as customers
from want_fct_lifecycle_snapshot
group by scope, scope_id, previous_stage, stage;

-- One row per scope in which anybody is known.
create or replace table want_fct_period_summary as
with scope_group as (
    select distinct scope, scope_id from want_fct_lifecycle_snapshot
),

known_consumption as (
    select scoped_consumption.*
    from scoped_consumption
    inner join period on scoped_consumption.known_on = period.as_of
),

revenue as (
    select scope, scope_id, sum(amount) as revenue
    from scoped_money
    cross join period
    where paid_on between period_start and as_of
    group by scope, scope_id
),

ordered as (
    select
        scope,
        scope_id,
        count(distinct order_id) as orders,
        count(distinct (customer_id, consumed_on)) filter (where amount > 0) as paying_customer_days,
    from known_consumption
    cross join period
    where order_id is not null and consumed_on between period_start and as_of
    group by scope, scope_id
),

scoped_visit as (
    select 'chain' as scope, '*' as scope_id, visited_on, status from visit
    union all
    select 'branch' as scope, branch_id as scope_id, visited_on, status from visit
),

visited as (
    select scope, scope_id, count(*) as visits
    from scoped_visit
    cross join period
    where status = 'attended' and visited_on between period_start and as_of
    group by scope, scope_id
),

-- Per customer: did they consume in this period, in the one before, and on an earlier day than a day of this period?
habit as (
    select
        scope,
        scope_id,
        customer_id,
        bool_or(consumed_on >= period_start) as is_this,
        bool_or(consumed_on between previous_start and opening) as is_previous,
        min(consumed_on) >= period_start as is_new,
        is_this and min(consumed_on) < max(consumed_on) as is_repeating,
    from known_consumption
    cross join period
    group by scope, scope_id, customer_id, period_start
),

returned as (
    select
        scope,
        scope_id,
        count(*) as customers,
        count(*) filter (where is_new) as new_customers,
        count(*) filter (where is_this) as consumers,
        count(*) filter (where is_previous) as previous_consumers,
        count(*) filter (where is_previous and is_this) as retained,
        count(*) filter (where is_repeating) as repeating,
    from habit
    group by scope, scope_id
)

select
    scope_group.scope,
    scope_group.scope_id,
    coalesce(revenue.revenue, 0)::decimal(18, 2) as revenue,
    if((select count(*) from in_visits) = 0, null, coalesce(visited.visits, 0)) as visits,
    coalesce(ordered.orders, 0) as orders,
    coalesce(returned.new_customers, 0) as new_customers,
    coalesce(returned.customers, 0) as customers,
    returned.retained::double / nullif(returned.previous_consumers, 0) as retention_rate,
    returned.repeating::double / nullif(returned.consumers, 0) as repurchase_rate,
    coalesce(revenue.revenue, 0)::double / nullif(ordered.paying_customer_days, 0) as average_transaction_value,
from scope_group
left join revenue using (scope, scope_id)
left join ordered using (scope, scope_id)
left join visited using (scope, scope_id)
left join returned using (scope, scope_id);
