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
),

held as (
    select money_line.customer_id, sum(money_line.points)::decimal(18, 2) as points_balance
    from money_line
    inner join run on money_line.paid_on <= run.as_of
    where money_line.points <> 0
    group by money_line.customer_id
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
    held.points_balance,
from want_fct_lifecycle_snapshot as snapshot
left join first_lead on snapshot.customer_id = first_lead.customer_id
left join referral on snapshot.customer_id = referral.customer_id
left join held on snapshot.customer_id = held.customer_id
where snapshot.scope = 'chain';

-- What each span left of the customers known by then: the period status at its end, by what is known on as_of. Of a
-- year before nobody asks.
create or replace table span_status as
with asked as (
    select span, starts_on, ends_on, starts_on - 1 as opening, as_of, is_period_end
    from compared_span
    cross join period
    where span <> 'year_before'
),

came as (
    select
        asked.span,
        scope,
        scope_id,
        customer_id,
        count(distinct consumed_on) as days,
        count(distinct consumed_on) filter (where consumed_on >= starts_on) as days_in_span,
    from asked
    inner join consumption_day on consumption_day.known_on = asked.as_of and consumption_day.consumed_on <= asked.ends_on
    group by all
),

-- A whole period is judged; in an open one who hasn't come is what the last closing day made of them.
walked as (
    select
        came.*,
        case
            when asked.is_period_end then at_end.status
            when came.days_in_span > 0 then if(came.days = 1, 'new', 'active')
            else at_opening.status
        end as status,
    from came
    inner join asked using (span)
    anti join roller
        on roller.known_on = asked.as_of
        and came.scope = roller.scope
        and came.scope_id = roller.scope_id
        and came.customer_id = roller.customer_id
    left join status_walk as at_end
        on at_end.known_on = asked.as_of
        and at_end.reached = asked.ends_on
        and came.scope = at_end.scope
        and came.scope_id = at_end.scope_id
        and came.customer_id = at_end.customer_id
    left join status_walk as at_opening
        on at_opening.known_on = asked.as_of
        and at_opening.reached = asked.opening
        and came.scope = at_opening.scope
        and came.scope_id = at_opening.scope_id
        and came.customer_id = at_opening.customer_id
)

select span, scope, scope_id, status from walked
union all
select asked.span, rolled_walk.scope, rolled_walk.scope_id, rolled_walk.status
from rolled_walk
inner join asked on rolled_walk.known_on = asked.as_of and rolled_walk.reached = asked.ends_on;

-- Who became the chain's customer in each span, where, and whether somebody had brought them by its end.
create or replace table span_newcomer as
with brought as (
    select sale.customer_id, min(sale.paid_on) as brought_on
    from sale
    inner join (select customer_id, min(paid_on) as paid_on from sale group by customer_id) as first_day
        using (customer_id, paid_on)
    where sale.referrer_id <> sale.customer_id
    group by sale.customer_id
)

select
    compared_span.span,
    first_visit.customer_id,
    first_visit.branch_id,
    coalesce(brought.brought_on <= compared_span.ends_on, false) as is_brought,
from first_visit
inner join compared_span on first_visit.first_on between compared_span.starts_on and compared_span.ends_on
left join brought using (customer_id);

-- Leads whose ninety days ran out in each span, and whether they had come in them.
create or replace table span_lead as
with first_lead as (
    select lead.*
    from lead
    inner join run on lead.created_on <= run.as_of
    qualify row_number() over (partition by customer_id order by created_on asc, branch_id asc nulls last) = 1
)

select
    compared_span.span,
    first_lead.customer_id,
    first_lead.branch_id,
    coalesce(first_visit.first_on - first_lead.created_on <= 90, false) as is_won,
from first_lead
inner join compared_span on first_lead.created_on + 90 between compared_span.starts_on and compared_span.ends_on
left join first_visit using (customer_id)
where first_visit.first_on is null or first_visit.first_on >= first_lead.created_on;

-- What was spent in each span; of no branch goes to those of the people of the channel who became known in it.
create or replace table span_spend as
with spent as (
    select compared_span.span, in_spend.channel, in_spend.branch_id, sum(in_spend.amount) as amount
    from in_spend
    inner join compared_span on in_spend.spent_on between compared_span.starts_on and compared_span.ends_on
    group by all
),

head as (
    select compared_span.span, newcomer.channel, newcomer.branch_id, count(*) as heads
    from newcomer
    inner join compared_span on newcomer.known_on between compared_span.starts_on and compared_span.ends_on
    group by all
),

due as (
    select
        head.span,
        head.channel,
        head.branch_id,
        spent.amount,
        sum(heads) over (partition by head.span, head.channel order by head.branch_id asc nulls last) as so_far,
        sum(heads) over (partition by head.span, head.channel) as altogether,
    from head
    inner join spent
        on head.span = spent.span and head.channel is not distinct from spent.channel and spent.branch_id is null
),

rounded as (
    select *, trunc((amount * 100)::hugeint * so_far::hugeint // altogether::hugeint) as hundredths from due
)

select span, branch_id, amount from spent where branch_id is not null
union all
select
    span,
    branch_id,
    (hundredths - coalesce(lag(hundredths) over (partition by span, channel order by branch_id asc nulls last), 0))
    ::decimal(18, 2) / 100 as amount,
from rounded;

-- Sessions that were paid for by the end of each span and not used by then, with their worth.
create or replace table span_owed as
with asked as (
    select span, ends_on, as_of from compared_span cross join run
),

priced as (
    select
        asked.span,
        money_line.order_key,
        sum(amount) filter (where package_sessions > 0 and amount >= 0) as price,
        sum(package_sessions) filter (where amount >= 0) as sessions,
        sum(amount) filter (where amount >= 0) as sold,
        sum(amount) as kept,
    from money_line
    inner join asked on money_line.paid_on <= asked.ends_on
    group by all
),

used as (
    select asked.span, session.order_key, count(*) as sessions
    from session
    inner join asked on session.known_on = asked.as_of and session.visited_on <= asked.ends_on
    group by all
)

select
    asked.span,
    package.branch_id,
    priced.sessions - coalesce(used.sessions, 0) as unused,
    -- In whole cents, half a cent up.
    (100 * priced.price)::hugeint * (100 * priced.kept)::hugeint * unused as share_of,
    (100 * priced.sold)::hugeint * priced.sessions as whole,
    coalesce(((2 * share_of + whole) // nullif(2 * whole, 0))::decimal(18, 2) / 100, 0)::decimal(18, 2) as worth,
from package
inner join asked
    on package.known_on = asked.as_of and package.bought_on <= asked.ends_on and package.ended_on > asked.ends_on
inner join priced using (span, order_key)
left join used using (span, order_key);

-- Of branches and the chain, a row of each span.
create or replace table span_side as
with scope_group as (
    select distinct scope, scope_id from want_fct_lifecycle_snapshot
),

standing as (
    select
        span,
        scope,
        scope_id,
        count(*) filter (where status = 'active')::double as active,
        count(*) filter (where status = 'dormant')::double as dormant,
        count(*) filter (where status = 'lost')::double as lost,
        count(*) as customers,
    from span_status
    group by all
),

-- On as_of, and where whole periods are compared on the day the last one closed.
honoured as (
    select compared_span.span, vip.scope, vip.scope_id, count(*) as vips
    from vip
    cross join period
    inner join compared_span
        on compared_span.ends_on = vip.known_on
        and (compared_span.span = 'now' or (compared_span.span = 'previous' and period.is_period_end))
    group by all
),

won as (
    select span, 'branch' as scope, branch_id as scope_id, count(*) as won, count(*) filter (where is_brought) as brought
    from span_newcomer
    group by all
    union all
    select span, 'chain', '*', count(*), count(*) filter (where is_brought) from span_newcomer group by all
),

settled as (
    select span, 'branch' as scope, branch_id as scope_id, count(*) as leads, count(*) filter (where is_won) as converted
    from span_lead
    where branch_id is not null
    group by all
    union all
    select span, 'chain', '*', count(*), count(*) filter (where is_won) from span_lead group by all
),

paid_out as (
    select span, 'branch' as scope, branch_id as scope_id, sum(amount) as spend
    from span_spend
    where branch_id is not null
    group by all
    union all
    select compared_span.span, 'chain', '*', sum(amount)
    from in_spend
    inner join compared_span on in_spend.spent_on between compared_span.starts_on and compared_span.ends_on
    group by all
),

owing as (
    select span, 'branch' as scope, branch_id as scope_id, sum(unused) as sessions, sum(worth) as worth
    from span_owed
    group by all
    union all
    select span, 'chain', '*', sum(unused), sum(worth) from span_owed group by all
)

select
    compared_span.span,
    scope_group.scope,
    scope_group.scope_id,
    standing.active / standing.customers as active_rate,
    standing.dormant / standing.customers as dormant_share,
    standing.lost / standing.customers as lost_share,
    coalesce(standing.dormant, 0)::bigint as dormant_stock,
    coalesce(standing.lost, 0)::bigint as lost_stock,
    if(
        (select count(*) from tier) = 0
        or compared_span.span = 'year_before'
        or (compared_span.span = 'previous' and not period.is_period_end),
        null, coalesce(honoured.vips, 0)
    ) as vip_customers,
    coalesce(won.won, 0) as chain_new_customers,
    if((select count(*) from want_dim_customer where referrer_id is not null) = 0, null, coalesce(won.brought, 0))
        as referred_customers,
    if(present.has_leads, coalesce(settled.leads, 0), null) as due_leads,
    if(present.has_leads, coalesce(settled.converted, 0), null) as converted_leads,
    if(present.has_spend, coalesce(paid_out.spend, 0), null)::decimal(18, 2) as acquisition_spend,
    coalesce(owing.sessions, 0)::double as sessions_owed,
    coalesce(owing.worth, 0)::double as value_owed,
from scope_group
cross join compared_span
cross join period
cross join present
left join standing using (span, scope, scope_id)
left join honoured using (span, scope, scope_id)
left join won using (span, scope, scope_id)
left join settled using (span, scope, scope_id)
left join paid_out using (span, scope, scope_id)
left join owing using (span, scope, scope_id);

-- Points of every scope, given and taken in the period, and what is left of all.
create or replace table scoped_points as
select
    scope,
    scope_id,
    sum(points) filter (where points > 0 and paid_on >= period_start) as given,
    -sum(points) filter (where points < 0 and paid_on >= period_start) as taken,
    sum(points) as balance,
from scoped_money
inner join period on scoped_money.paid_on <= period.as_of
group by scope, scope_id;

-- fct_period_summary is told of them, too.
create or replace table want_fct_period_summary as
with present as (
    select count(*) filter (where points <> 0) > 0 as has_points
    from money_line
    inner join run on money_line.paid_on <= run.as_of
)

select
    want_fct_period_summary.*,
    span_side.vip_customers,
    span_side.active_rate,
    span_side.dormant_stock,
    span_side.lost_stock,
    span_side.chain_new_customers,
    span_side.referred_customers,
    span_side.due_leads,
    span_side.converted_leads,
    span_side.acquisition_spend,
    if(present.has_points, coalesce(scoped_points.given, 0), null)::decimal(18, 2) as points_given,
    if(present.has_points, coalesce(scoped_points.taken, 0), null)::decimal(18, 2) as points_taken,
    if(present.has_points, coalesce(scoped_points.balance, 0), null)::decimal(18, 2) as points_balance,
from want_fct_period_summary
cross join present
inner join span_side using (scope, scope_id)
left join scoped_points using (scope, scope_id)
where span_side.span = 'now';

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
        span_side.vip_customers::double as vip_customers,
        span_side.active_rate,
        span_side.dormant_share,
        span_side.lost_share,
        span_side.referred_customers::double / nullif(span_side.chain_new_customers, 0) as referral_share,
        span_side.converted_leads::double / nullif(span_side.due_leads, 0) as lead_conversion_rate_90_days,
        span_side.acquisition_spend::double / nullif(span_side.chain_new_customers, 0) as spend_per_new_customer,
        span_side.sessions_owed,
        span_side.value_owed,
    from scope_group
    cross join compared_span
    inner join span_side using (span, scope, scope_id)
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
            'consumption_days_per_customer', 'revenue_per_consumption_day', 'second_visit_rate_90_days',
            'active_rate', 'dormant_share', 'lost_share', 'referral_share', 'lead_conversion_rate_90_days',
            'spend_per_new_customer'
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
