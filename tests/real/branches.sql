-- Branches side by side, and the dimensions, from the tables of stages.sql, facts.sql and risk.sql.

-- This period, the one before and the same a year before, each up to the same day of it; whole at a period's end.
-- `earlier_start` is the period before each.
create or replace table compared_span as
with start as (
    select
        period.*,
        run.period as kind,
        case run.period
            when 'day' then interval 1 day
            when 'week' then interval 7 day
            when 'month' then interval 1 month
            when 'quarter' then interval 3 month
        end as length,
        -- The ISO week of the same number.
        if(
            run.period = 'week',
            strptime((isoyear(period_start) - 1)::text || strftime(period_start, '-W%V-1'), '%G-W%V-%u'),
            period_start - interval 1 year
        )::date as year_before_start,
    from period
    cross join run
),

listed as (
    select 'now' as span, period_start as starts_on, * from start
    union all
    select 'previous' as span, previous_start as starts_on, * from start
    union all
    select 'year_before' as span, year_before_start as starts_on, * from start
)

select
    span,
    starts_on,
    (starts_on - length)::date as earlier_start,
    if(
        is_period_end,
        (starts_on + length)::date - 1,
        least(starts_on + (as_of - period_start)::integer, (starts_on + length)::date - 1)
    ) as ends_on,
from listed;

-- The figures of fct_period_summary in every span, by what is known on as_of.
create or replace table span_figure as
with scope_group as (
    select distinct scope, scope_id from want_fct_lifecycle_snapshot
),

revenue as (
    select span, scope, scope_id, sum(amount) as revenue
    from scoped_money
    inner join compared_span on paid_on between starts_on and ends_on
    group by all
),

paid as (
    select span, scope, scope_id, sum(amount) as paid
    from scoped_paid
    inner join compared_span on paid_on between starts_on and ends_on
    group by all
),

earned as (
    select span, scope, scope_id, sum(profit) as profit, bool_or(is_unknown) as is_unknown
    from scoped_profit
    inner join compared_span on paid_on between starts_on and ends_on
    group by all
),

due as (
    select span, scope, scope_id, avg(is_back::integer) as rate
    from first_timer
    inner join compared_span on due_on between starts_on and ends_on
    group by all
),

known_consumption as (
    select scoped_consumption.*
    from scoped_consumption
    inner join run on scoped_consumption.known_on = run.as_of
),

ordered as (
    select
        span,
        scope,
        scope_id,
        count(distinct order_key) as orders,
        count(distinct (customer_id, consumed_on)) filter (where amount > 0) as paying_customer_days,
    from known_consumption
    inner join compared_span on consumed_on between starts_on and ends_on
    where order_key is not null
    group by all
),

scoped_visit as (
    select 'chain' as scope, '*' as scope_id, visited_on from visit where status = 'attended'
    union all
    select 'branch' as scope, branch_id as scope_id, visited_on from visit where status = 'attended'
),

visited as (
    select span, scope, scope_id, count(*) as visits
    from scoped_visit
    inner join compared_span on visited_on between starts_on and ends_on
    group by all
),

habit as (
    select
        span,
        scope,
        scope_id,
        customer_id,
        bool_or(consumed_on >= starts_on) as is_this,
        bool_or(consumed_on between earlier_start and starts_on - 1) as is_previous,
        min(consumed_on) >= starts_on as is_new,
        is_this and min(consumed_on) < max(consumed_on) as is_repeating,
        count(distinct consumed_on) filter (where consumed_on >= starts_on) as days,
    from known_consumption
    inner join compared_span on consumed_on <= ends_on
    group by span, scope, scope_id, customer_id, starts_on
),

returned as (
    select
        span,
        scope,
        scope_id,
        count(*) as customers,
        count(*) filter (where is_new) as new_customers,
        count(*) filter (where is_this) as consumers,
        count(*) filter (where is_previous) as previous_consumers,
        count(*) filter (where is_previous and is_this) as retained,
        count(*) filter (where is_repeating) as repeating,
        sum(days) as days,
    from habit
    group by all
),

wide as (
    select
        compared_span.span,
        scope_group.scope,
        scope_group.scope_id,
        coalesce(revenue.revenue, 0)::double as revenue,
        coalesce(ordered.orders, 0)::double as orders,
        if((select count(*) from in_visits) = 0, null, coalesce(visited.visits, 0))::double as visits,
        coalesce(paid.paid, 0)::double / nullif(ordered.paying_customer_days, 0) as average_transaction_value,
        coalesce(returned.customers, 0)::double as customers,
        coalesce(returned.new_customers, 0)::double as new_customers,
        coalesce(returned.consumers, 0)::double as consuming_customers,
        returned.retained::double / nullif(returned.previous_consumers, 0) as retention_rate_to_date,
        retention_rate_to_date as retention_rate,
        returned.repeating::double / nullif(returned.consumers, 0) as repurchase_rate,
        coalesce(returned.days, 0)::double as consumption_days,
        returned.days::double / nullif(returned.consumers, 0) as consumption_days_per_customer,
        coalesce(revenue.revenue, 0)::double / nullif(returned.days, 0) as revenue_per_consumption_day,
        if(coalesce(earned.is_unknown, false), null, coalesce(earned.profit, 0))::double as profit,
        due.rate as second_visit_rate_90_days,
    from scope_group
    cross join compared_span
    left join earned using (span, scope, scope_id)
    left join due using (span, scope, scope_id)
    left join revenue using (span, scope, scope_id)
    left join paid using (span, scope, scope_id)
    left join ordered using (span, scope, scope_id)
    left join visited using (span, scope, scope_id)
    left join returned using (span, scope, scope_id)
)

select span, scope, scope_id, metric, figure
from wide
unpivot include nulls (figure for metric in (columns(* exclude (span, scope, scope_id))))
cross join period
where period.is_period_end or metric <> 'retention_rate';

create or replace table want_fct_branch_comparison as
with spread as (
    select
        own.scope_id as branch_id,
        own.metric,
        own.figure as value,
        if(own.figure is null, null, rank() over (partition by own.metric order by own.figure desc nulls last)) as branch_rank,
        whole.figure as chain_value,
        avg(own.figure) over (partition by own.metric) as chain_mean,
        median(own.figure) over (partition by own.metric) as chain_median,
        earlier.figure as previous_value,
        year_before.figure as year_before_value,
    from span_figure as own
    inner join span_figure as whole
        on whole.scope = 'chain' and whole.span = 'now' and own.metric = whole.metric
    inner join span_figure as earlier
        on earlier.scope = 'branch' and earlier.span = 'previous'
        and own.scope_id = earlier.scope_id and own.metric = earlier.metric
    inner join span_figure as year_before
        on year_before.scope = 'branch' and year_before.span = 'year_before'
        and own.scope_id = year_before.scope_id and own.metric = year_before.metric
    where own.scope = 'branch' and own.span = 'now'
)

select
    *,
    if(
        metric in (
            'average_transaction_value', 'retention_rate', 'retention_rate_to_date', 'repurchase_rate',
            'consumption_days_per_customer', 'revenue_per_consumption_day', 'second_visit_rate_90_days'
        ),
        null, value / nullif(chain_value, 0)
    ) as share_of_chain,
    value / nullif(previous_value, 0) - 1 as change_from_previous,
    value / nullif(year_before_value, 0) - 1 as change_from_year_before,
from spread;

-- The change in revenue, one factor after the other: people at what each brought before, then days of today's people at
-- what a day brought before, then what is left. Without people before, all is people.
create or replace table want_fct_branch_driver as
with figure as (
    pivot (
        select span, scope_id as branch_id, metric, figure
        from span_figure
        where scope = 'branch' and metric in ('revenue', 'consuming_customers', 'consumption_days')
    )
    on metric in ('revenue', 'consuming_customers', 'consumption_days')
    using any_value(figure)
    group by span, branch_id
),

effect as (
    select
        earlier.span,
        now.branch_id,
        now.revenue,
        now.consuming_customers,
        now.consumption_days,
        earlier.revenue as revenue_before,
        earlier.consuming_customers as customers_before,
        earlier.consumption_days as days_before,
        now.revenue - earlier.revenue as change,
        if(
            customers_before = 0, change,
            (now.consuming_customers - customers_before) * (revenue_before / customers_before)
        ) as people,
        if(
            customers_before = 0, 0,
            now.consuming_customers
            * (coalesce(now.consumption_days / nullif(now.consuming_customers, 0), 0) - days_before / customers_before)
            * (revenue_before / days_before)
        ) as frequency,
    from figure as now
    inner join figure as earlier on now.branch_id = earlier.branch_id and earlier.span <> 'now'
    where now.span = 'now'
),

cents as (
    select
        * exclude (people, frequency),
        (round(100 * people) / 100)::decimal(18, 2) as people,
        (round(100 * frequency) / 100)::decimal(18, 2) as frequency,
        change::decimal(18, 2) - people::decimal(18, 2) - frequency::decimal(18, 2) as price,
    from effect
)

select
    branch_id,
    previous.revenue::decimal(18, 2) as revenue,
    previous.consuming_customers,
    previous.consumption_days,
    previous.revenue_before::decimal(18, 2) as previous_revenue,
    previous.customers_before as previous_consuming_customers,
    previous.days_before as previous_consumption_days,
    previous.change::decimal(18, 2) as revenue_change_from_previous,
    previous.people as people_effect_from_previous,
    previous.frequency as frequency_effect_from_previous,
    previous.price as price_effect_from_previous,
    year_before.revenue_before::decimal(18, 2) as year_before_revenue,
    year_before.customers_before as year_before_consuming_customers,
    year_before.days_before as year_before_consumption_days,
    year_before.change::decimal(18, 2) as revenue_change_from_year_before,
    year_before.people as people_effect_from_year_before,
    year_before.frequency as frequency_effect_from_year_before,
    year_before.price as price_effect_from_year_before,
from (from cents where span = 'previous') as previous
inner join (from cents where span = 'year_before') as year_before using (branch_id);

create or replace table want_dim_customer as
with first_lead as (
    select lead.*
    from lead
    inner join run on lead.created_on <= run.as_of
    qualify row_number() over (partition by customer_id order by created_on asc, branch_id asc) = 1
),

-- Whom the sales of the first day with one name.
referral as (
    select sale.customer_id, min(sale.referrer_id) as referrer_id
    from sale
    inner join (select customer_id, min(paid_on) as paid_on from sale group by customer_id) as first_day
        using (customer_id, paid_on)
    where sale.referrer_id <> sale.customer_id
    group by sale.customer_id
)

select
    snapshot.customer_id,
    snapshot.known_on,
    first_lead.created_on as lead_created_on,
    first_lead.branch_id as lead_branch_id,
    first_lead.channel,
    snapshot.department,
    referral.referrer_id,
    snapshot.first_consumed_on,
    snapshot.last_consumed_on,
from want_fct_lifecycle_snapshot as snapshot
left join first_lead on snapshot.customer_id = first_lead.customer_id
left join referral on snapshot.customer_id = referral.customer_id
where snapshot.scope = 'chain';

-- Branches that rows name or the chain lists.
create or replace table want_dim_branch as
with named as (
    select branch_id from in_branches
    union
    select branch_id from order_line inner join run on paid_on <= as_of
    union
    select branch_id from visit inner join run on visited_on <= as_of
    union
    select branch_id from lead inner join run on created_on <= as_of where branch_id is not null
)

select
    named.branch_id,
    in_branches.name,
    in_branches.region,
    in_branches.opened_on,
    coalesce(in_branches.timezone, run.pipeline_zone) as timezone,
from named
cross join run
left join in_branches using (branch_id);

create or replace table want_dim_item as
from in_items;
