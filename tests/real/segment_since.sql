-- Since when each customer is in the present value segment: R, F and M at the end of every day since the first
-- consumption, by the cut points, means and rules of as_of. Follows rfm.sql and since.sql, for its share of the customers.
-- Nobody is told where frequency counts orders or lines.

create or replace table segment_day as
with money_day as (
    select person.person, scoped_money.paid_on as day, sum(scoped_money.amount) as amount
    from sampled_person as person
    inner join scoped_money using (scope, scope_id, customer_id)
    where scoped_money.paid_on <= person.as_of
    group by all
),

daily as (
    select
        person.person,
        person.scope,
        person.scope_id,
        own_window.window_days,
        unnest(generate_series(person.known_from, person.as_of, interval 1 day))::date as day,
    from sampled_person as person
    inner join own_window
        on person.as_of = own_window.known_on
        and person.scope = own_window.scope
        and person.scope_id = own_window.scope_id
        and person.customer_id = own_window.customer_id
),

marked as (
    select
        daily.*,
        epoch_ms(daily.day::timestamp) // 86400000 as day_number,
        (person_day.consumed_on is not null)::integer as is_consumed,
        max(person_day.consumed_on) over (partition by daily.person order by daily.day) as last_consumed_on,
        coalesce(money_day.amount, 0) as amount,
    from daily
    left join person_day on daily.person = person_day.person and daily.day = person_day.consumed_on
    left join money_day on daily.person = money_day.person and daily.day = money_day.day
),

counted as (
    select
        person,
        scope,
        scope_id,
        day,
        last_consumed_on > day - window_days as is_ranked,
        day - last_consumed_on as recency_days,
        sum(is_consumed) over (partition by person order by day_number range between window_days - 1 preceding and current row) as frequency,
        sum(amount) over (partition by person order by day_number range between window_days - 1 preceding and current row) as monetary,
        last_consumed_on is not null as is_known,
    from marked
),

ruler as (
    select
        cut.scope,
        cut.scope_id,
        cut.metric,
        cut.cut_point_2,
        cut.cut_point_3,
        cut.cut_point_4,
        cut.cut_point_5,
        cut.customers,
        cut.score_sum,
        high_from.score as high_from,
        case cut.metric
            when 'recency_days' then run.recency_scoring
            when 'frequency' then run.frequency_scoring
            when 'monetary' then run.monetary_scoring
        end as scoring,
    from want_fct_score_cut_point as cut
    cross join run
    left join high_from using (metric)
),

long as (
    select person, scope, scope_id, day, is_ranked, 'recency_days' as metric, recency_days::decimal(18, 2) as value
    from counted
    where is_known
    union all
    select person, scope, scope_id, day, is_ranked, 'frequency' as metric, frequency::decimal(18, 2) as value
    from counted
    where is_known
    union all
    select person, scope, scope_id, day, is_ranked, 'monetary' as metric, monetary::decimal(18, 2) as value
    from counted
    where is_known
),

scored as (
    select
        long.person,
        long.day,
        long.metric,
        1 + if(
            long.is_ranked or ruler.scoring = 'thresholds',
            list_sum([
                coalesce(if(long.metric = 'recency_days', long.value <= cut, long.value >= cut), false)::integer
                for cut in [ruler.cut_point_2, ruler.cut_point_3, ruler.cut_point_4, ruler.cut_point_5]
            ]),
            0
        ) as score,
        ruler.high_from,
        ruler.customers,
        ruler.score_sum,
    from long
    inner join ruler using (scope, scope_id, metric)
),

judged as (
    select
        person,
        day,
        metric,
        if(high_from is null, coalesce(score * customers >= score_sum, false), score >= high_from) as is_high,
    from scored
)

select
    person,
    day,
    string_agg(
        if(is_high, 'H', 'L'), '' order by case metric when 'recency_days' then 1 when 'frequency' then 2 else 3 end
    ) as segment,
from judged
group by person, day;

create or replace table segment_since as
select
    person.scope,
    person.scope_id,
    person.customer_id,
    coalesce(
        max(segment_day.day) filter (where segment_day.segment <> present.segment) + 1, min(segment_day.day)
    ) as segment_since,
from sampled_person as person
inner join segment_day using (person)
inner join want_fct_customer_rfm as present using (scope, scope_id, customer_id)
cross join run
where run.frequency_counts = 'days'
group by person.scope, person.scope_id, person.customer_id;

create or replace table want_fct_customer_rfm as
select now.*, segment_since.segment_since
from want_fct_customer_rfm as now
left join segment_since using (scope, scope_id, customer_id);
