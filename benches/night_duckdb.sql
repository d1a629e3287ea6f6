-- A night's main tables as one would write them in DuckDB for speed: one pass over orders and visits
-- into customer-days, everything else from those. The default policy of rfmart, on the last day of a month; Parquet out,
-- sorted.
-- Made by night_duckdb.py: the views input_orders, input_visits, input_leads, input_branches (with their zones), the
-- variables as_of and zone (of leads without a branch); OUT is the folder of the tables.

create macro day_of(instant, zone) as (instant at time zone zone)::date;

create temp table span as
select
    getvariable('as_of')::date as as_of,
    date_trunc('month', as_of)::date as period_start,
    period_start - 1 as opening,
    (period_start - interval 1 month)::date as previous_start,
    (period_start - interval 1 year)::date as year_start,
    (as_of - interval 1 year)::date as year_before,
    as_of - 365 as window_start;

create temp table branch as
select branch_id, zone
from input_branches;

-- A local day per zone and quarter of an hour: far fewer conversions than rows.
create temp table local_day as
with zone as (select distinct zone from branch),

quarter_hour as (
    select unnest(generate_series(timestamptz '2015-01-01 00:00:00+00', (as_of + 2)::timestamptz, interval 15 minute)) as instant
    from span
)

select zone.zone, epoch_us(quarter_hour.instant) // 900000000 as slot, day_of(quarter_hour.instant, zone.zone) as day
from quarter_hour
cross join zone;

-- The same key twice is rare: only such rows are sorted.
create temp table repeated_line as
select branch_id, order_id, line_no
from input_orders
group by branch_id, order_id, line_no
having count(*) > 1;

create temp table repeated_visit as
select branch_id, visit_id
from input_visits
group by branch_id, visit_id
having count(*) > 1;

create temp table order_line as
with raw as not materialized (
    select order_id, line_no, customer_id, branch_id, paid_at, amount, department, status, package_sessions, updated_at, filename, file_row_number
    from input_orders
),

latest as (
    from raw anti join repeated_line using (branch_id, order_id, line_no)
    union all
    (
        from raw semi join repeated_line using (branch_id, order_id, line_no)
        qualify row_number() over (partition by branch_id, order_id, line_no order by updated_at desc nulls last, filename desc, file_row_number desc) = 1
    )
)

select latest.order_id, latest.customer_id, latest.branch_id, latest.amount, latest.status, latest.package_sessions, local_day.day
from latest
inner join branch using (branch_id)
inner join local_day on branch.zone = local_day.zone and epoch_us(latest.paid_at) // 900000000 = local_day.slot
where local_day.day <= (select as_of from span);

create temp table visit as
with raw as not materialized (
    select visit_id, customer_id, branch_id, visited_at, kind, order_id, order_branch_id, status, updated_at, filename, file_row_number
    from input_visits
),

latest as (
    from raw anti join repeated_visit using (branch_id, visit_id)
    union all
    (
        from raw semi join repeated_visit using (branch_id, visit_id)
        qualify row_number() over (partition by branch_id, visit_id order by updated_at desc nulls last, filename desc, file_row_number desc) = 1
    )
)

select latest.customer_id, latest.branch_id, latest.kind, latest.order_id, latest.order_branch_id, latest.status, local_day.day
from latest
inner join branch using (branch_id)
inner join local_day on branch.zone = local_day.zone and epoch_us(latest.visited_at) // 900000000 = local_day.slot
where local_day.day <= (select as_of from span);

-- Orders that are paid back in full by the end of the snapshot's day, and of the opening's.
create temp table refunded as
select distinct branch_id, order_id
from order_line
where amount < 0 and status <> 'cancelled';

create temp table emptied as
select
    branch_id,
    order_id,
    sum(amount) <= 0 as is_by_close,
    coalesce(sum(amount) filter (day <= opening) <= 0 and bool_or(amount < 0 and day <= opening), false) as is_by_open
from order_line
semi join refunded using (branch_id, order_id)
cross join span
where status = 'paid' or (status = 'refunded' and amount < 0)
group by branch_id, order_id;

-- What is paid back on the very day of the sale was never paid.
create temp table sale_day as
select distinct branch_id, order_id, customer_id, day
from order_line
semi join refunded using (branch_id, order_id)
where status = 'paid' and amount >= 0;

create temp table customer_day as
with event as (
    select
        order_line.customer_id,
        order_line.branch_id,
        order_line.day,
        order_line.amount,
        order_line.amount >= 0 and not coalesce(emptied.is_by_close, false) as is_close,
        order_line.amount >= 0 and not coalesce(emptied.is_by_open, false) as is_open,
        case
            when emptied.is_by_close or (order_line.amount < 0 and sale_day.day is null) then 0
            else order_line.amount
        end as paid,
    from order_line
    left join emptied using (branch_id, order_id)
    left join sale_day using (branch_id, order_id, customer_id, day)
    where status = 'paid' or (status = 'refunded' and amount < 0)
    union all
    select customer_id, branch_id, day, 0::decimal(18, 2), true, true, 0::decimal(18, 2)
    from visit
    where status = 'attended' and kind <> 'consultation'
)

select
    customer_id,
    branch_id,
    day,
    sum(amount)::decimal(18, 2) as amount,
    bool_or(is_close) as is_close,
    bool_or(is_open) as is_open,
    bool_or(is_close and amount > 0) as is_paying,
    sum(paid)::decimal(18, 2) as paid,
from event
group by customer_id, branch_id, day;

create temp table scoped_day as
select 'branch' as scope, branch_id as scope_id, * exclude (branch_id) from customer_day
union all
select 'chain', '*', customer_id, day, sum(amount)::decimal(18, 2), bool_or(is_close), bool_or(is_open), bool_or(is_paying), sum(paid)::decimal(18, 2)
from customer_day
group by customer_id, day;

create temp table customer as
select
    scope,
    scope_id,
    customer_id,
    max(day) filter (is_close) as last_day,
    min(day) filter (is_close) as first_day,
    count(*) filter (is_close) as days,
    count(*) filter (is_close and day > window_start) as frequency,
    coalesce(sum(amount) filter (day > window_start), 0)::decimal(18, 2) as monetary,
    count(*) filter (is_close and day > as_of - 180) as days_180,
    count(*) filter (is_close and day > as_of - 120) as days_120,
    count(*) filter (is_close and day > as_of - 90) as days_90,
    max(day) filter (is_open and day <= opening) as open_last_day,
    count(*) filter (is_open and day <= opening) as open_days,
    count(*) filter (is_open and day between opening - 179 and opening) as open_days_180,
    count(*) filter (is_open and day between opening - 119 and opening) as open_days_120,
    count(*) filter (is_open and day between opening - 89 and opening) as open_days_90,
    bool_or(is_close and day >= period_start) as is_this,
    bool_or(is_close and day between previous_start and opening) as is_previous,
from scoped_day
cross join span
group by scope, scope_id, customer_id;

create temp table rfm as
with ranked as (
    select
        scope,
        scope_id,
        customer_id,
        as_of - last_day as recency_days,
        frequency,
        monetary,
        last_day > window_start as is_ranked,
        if(is_ranked, 1 + 5 * (rank() over recency - 1) // count(*) over everybody, 1) as recency_score,
        if(is_ranked, 1 + 5 * (rank() over frequency - 1) // count(*) over everybody, 1) as frequency_score,
        if(is_ranked, 1 + 5 * (rank() over monetary - 1) // count(*) over everybody, 1) as monetary_score,
    from customer
    cross join span
    where last_day is not null
    window
        everybody as (partition by scope_id, last_day > window_start),
        recency as (partition by scope_id, last_day > window_start order by last_day),
        frequency as (partition by scope_id, last_day > window_start order by frequency),
        monetary as (partition by scope_id, last_day > window_start order by monetary)
)

from ranked;

create temp table mean as
select
    scope_id,
    count(*) as customers,
    sum(recency_score) as recency_sum,
    sum(frequency_score) as frequency_sum,
    sum(monetary_score) as monetary_sum,
from rfm
where is_ranked
group by scope_id;

copy (
    select
        getvariable('as_of')::date as as_of,
        rfm.scope,
        rfm.scope_id,
        rfm.customer_id,
        rfm.recency_days::int as recency_days,
        rfm.frequency,
        rfm.monetary,
        rfm.recency_score::int as recency_score,
        rfm.frequency_score::int as frequency_score,
        rfm.monetary_score::int as monetary_score,
        recency_score::text || frequency_score::text || monetary_score::text as rfm_cell,
        coalesce(recency_score * mean.customers >= mean.recency_sum, false) as is_recency_high,
        coalesce(frequency_score * mean.customers >= mean.frequency_sum, false) as is_frequency_high,
        coalesce(monetary_score * mean.customers >= mean.monetary_sum, false) as is_monetary_high,
        if(is_recency_high, 'H', 'L') || if(is_frequency_high, 'H', 'L') || if(is_monetary_high, 'H', 'L') as segment,
        is_frequency_high and frequency >= 2 and not is_monetary_high as low_value_high_activity,
    from rfm
    left join mean using (scope_id)
    order by rfm.scope, rfm.scope_id, rfm.customer_id
) to 'OUT/fct_customer_rfm.parquet' (format parquet, compression zstd);

copy (
    with long as (
        select scope, scope_id, 'recency_days' as metric, recency_score as score, -recency_days::decimal(18, 2) as value from rfm where is_ranked
        union all
        select scope, scope_id, 'frequency', frequency_score, frequency::decimal(18, 2) from rfm where is_ranked
        union all
        select scope, scope_id, 'monetary', monetary_score, monetary from rfm where is_ranked
    )

    select
        scope,
        scope_id,
        metric,
        abs(min(value) filter (score >= 2)) as cut_point_2,
        abs(min(value) filter (score >= 3)) as cut_point_3,
        abs(min(value) filter (score >= 4)) as cut_point_4,
        abs(min(value) filter (score >= 5)) as cut_point_5,
        count(*) filter (score = 1) as head_count_1,
        count(*) filter (score = 2) as head_count_2,
        count(*) filter (score = 3) as head_count_3,
        count(*) filter (score = 4) as head_count_4,
        count(*) filter (score = 5) as head_count_5,
        count(*) as customers,
        avg(score) as score_mean,
    from long
    group by scope, scope_id, metric
    order by scope, scope_id, metric
) to 'OUT/fct_score_cut_point.parquet' (format parquet, compression zstd);

-- Packages: few beside the days. Their state at the close and at the opening.
create temp table package as
with bought as (
    select order_line.order_id, order_line.customer_id, order_line.branch_id, order_line.day, order_line.package_sessions
    from order_line
    where order_line.package_sessions is not null and order_line.amount >= 0 and order_line.status = 'paid'
),

used as (
    select order_branch_id as branch_id, order_id, list_sort(list(day)) as days
    from visit
    where kind = 'package_session' and status = 'attended' and order_id is not null
    group by order_branch_id, order_id
)

select
    bought.customer_id,
    bought.branch_id,
    used.days[bought.package_sessions] as used_up_on,
    coalesce(used_up_on, bought.day + 365) as ended_on,
    bought.day,
    not coalesce(emptied.is_by_close, false) as is_close,
    not coalesce(emptied.is_by_open, false) as is_open,
from bought
left join used using (branch_id, order_id)
left join emptied using (branch_id, order_id);

create temp table holder as
with scoped as (
    select 'branch' as scope, branch_id as scope_id, * exclude (branch_id) from package
    union all
    select 'chain', '*', * exclude (branch_id) from package
)

select
    scope,
    scope_id,
    customer_id,
    bool_or(is_close and as_of < ended_on and as_of < scoped.day + 365) as has_package,
    max(ended_on) filter (is_close and ended_on <= as_of) as ended_on,
    bool_or(is_open and scoped.day <= opening and opening < ended_on and opening < scoped.day + 365) as open_has_package,
    max(least(ended_on, scoped.day + 365)) filter (is_open and least(ended_on, scoped.day + 365) <= opening) as open_ended_on,
from scoped
cross join span
group by scope, scope_id, customer_id;

create temp table known as
with sighting as (
    select customer_id, branch_id, min(day) as day from order_line group by customer_id, branch_id
    union all
    select customer_id, branch_id, min(day) from visit group by customer_id, branch_id
    union all
    select customer_id, branch_id, day_of(created_at, coalesce(branch.zone, getvariable('zone')))
    from input_leads
    left join branch using (branch_id)
)

select 'branch' as scope, branch_id as scope_id, customer_id, min(day) as known_from
from sighting
where branch_id is not null
group by branch_id, customer_id
union all
select 'chain', '*', customer_id, min(day)
from sighting
group by customer_id;

create macro stage_of(last_day, days, days_180, days_120, days_90, has_package, ended_on, today) as
    case
        when last_day is null then 'potential'
        when not coalesce(has_package, false) and today - greatest(last_day, ended_on) >= 180 then 'dead'
        when not coalesce(has_package, false) and today - greatest(last_day, ended_on) >= 90 then 'dormant'
        when days_180 >= 5 then 'loyal'
        when today - last_day < 120 and days_120 >= 3 then 'active'
        when today - last_day < 90 and days_90 >= 2 then 'effective'
        when days = 1 and today - last_day <= 30 then 'new'
        else 'silent'
    end;

create temp table stage as
select
    known.scope,
    known.scope_id,
    known.customer_id,
    customer.monetary,
    customer.first_day as first_consumed_on,
    customer.last_day as last_consumed_on,
    stage_of(last_day, days, days_180, days_120, days_90, has_package, ended_on, as_of) as stage,
    case
        when known_from <= opening
            then stage_of(open_last_day, open_days, open_days_180, open_days_120, open_days_90, open_has_package, open_ended_on, opening)
    end as previous_stage,
from known
cross join span
left join customer using (scope, scope_id, customer_id)
left join holder using (scope, scope_id, customer_id)
where known.known_from <= span.as_of;

copy (
    select getvariable('as_of')::date as as_of, scope, scope_id, customer_id, stage, previous_stage, first_consumed_on, last_consumed_on
    from stage
    order by scope, scope_id, customer_id
) to 'OUT/fct_lifecycle_snapshot.parquet' (format parquet, compression zstd);

copy (
    select scope, scope_id, previous_stage as from_stage, stage as to_stage, count(*) as customers, sum(coalesce(monetary, 0)) as monetary
    from stage
    group by scope, scope_id, previous_stage, stage
    order by scope, scope_id, from_stage, to_stage
) to 'OUT/fct_lifecycle_transition.parquet' (format parquet, compression zstd);

-- Three spans of days beside each other: this period, the one before, the same a year ago.
create temp table traffic as
with spanned as (
    select 'this' as span, scoped_day.* from scoped_day cross join span where day >= period_start
    union all
    select 'previous', scoped_day.* from scoped_day cross join span where day between previous_start and opening
    union all
    select 'year_before', scoped_day.* from scoped_day cross join span where day between year_start and year_before
)

select
    span,
    scope,
    scope_id,
    sum(amount) as revenue,
    sum(paid) as paid,
    count(*) filter (is_paying) as paying_days,
    count(distinct customer_id) filter (is_close) as customers,
from spanned
group by span, scope, scope_id;

create temp table paid_order as
with counted as (
    select distinct order_line.branch_id, order_line.order_id
    from order_line
    cross join span
    left join emptied using (branch_id, order_id)
    where status = 'paid' and amount >= 0 and day >= period_start and not coalesce(is_by_close, false)
)

select 'branch' as scope, branch_id as scope_id, count(*) as orders from counted group by branch_id
union all
select 'chain', '*', count(*) from counted;

create temp table attended as
with counted as (
    select branch_id, count(*) as visits
    from visit
    cross join span
    where status = 'attended' and day >= period_start
    group by branch_id
)

select 'branch' as scope, branch_id as scope_id, visits from counted
union all
select 'chain', '*', sum(visits) from counted;

copy (
    select
        customer.scope,
        customer.scope_id,
        coalesce(any_value(traffic.revenue), 0) as revenue,
        coalesce(any_value(attended.visits), 0) as visits,
        coalesce(any_value(paid_order.orders), 0) as orders,
        count(*) filter (first_day >= period_start) as new_customers,
        count(last_day) as customers,
        count(*) filter (is_this and is_previous) / nullif(count(*) filter (is_previous), 0) as retention_rate,
        count(*) filter (is_this and first_day < last_day) / nullif(count(*) filter (is_this), 0) as repurchase_rate,
        any_value(traffic.paid::double / nullif(traffic.paying_days, 0)) as average_transaction_value,
    from customer
    cross join span
    left join traffic on customer.scope_id = traffic.scope_id and traffic.span = 'this'
    left join paid_order on customer.scope_id = paid_order.scope_id
    left join attended on customer.scope_id = attended.scope_id
    group by customer.scope, customer.scope_id
    order by customer.scope, customer.scope_id
) to 'OUT/fct_period_summary.parquet' (format parquet, compression zstd);

copy (
    with long as (
        unpivot (
            select
                span,
                scope,
                scope_id,
                revenue::double as revenue,
                customers::double as consuming_customers,
                paid::double / nullif(paying_days, 0) as average_transaction_value,
            from traffic
        )
        on revenue, consuming_customers, average_transaction_value into name metric value value
    ),

    wide as (
        pivot long on span in ('this', 'previous', 'year_before') using any_value(value)
    )

    select
        wide.scope_id as branch_id,
        wide.metric,
        wide.this as value,
        rank() over (partition by wide.metric order by wide.this desc) as branch_rank,
        case when wide.metric <> 'average_transaction_value' then wide.this / chain.this end as share_of_chain,
        chain.this as chain_value,
        avg(wide.this) over (partition by wide.metric) as chain_mean,
        median(wide.this) over (partition by wide.metric) as chain_median,
        wide.previous as previous_value,
        wide.year_before as year_before_value,
        wide.this / wide.previous - 1 as change_from_previous,
        wide.this / wide.year_before - 1 as change_from_year_before,
    from wide
    inner join wide as chain on wide.metric = chain.metric and chain.scope = 'chain'
    where wide.scope = 'branch'
    order by branch_id, metric
) to 'OUT/fct_branch_comparison.parquet' (format parquet, compression zstd);
