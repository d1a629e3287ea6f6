-- The published numbers of one snapshot, from the tables of stages.sql and rfm.sql.

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
    previous_start - 1 as previous_opening,
    (previous_start - length)::date as earlier_start,
    -- As far into the previous period as as_of is into this one.
    if(is_period_end, opening, least(previous_start + (as_of - period_start)::integer, opening)) as previous_as_of,
    case kind
        when 'day' then strftime(as_of, '%Y-%m-%d')
        when 'week' then strftime(as_of, '%G-W%V')
        when 'month' then strftime(as_of, '%Y-%m')
        when 'quarter' then strftime(as_of, '%Y-Q') || quarter(as_of)::text
    end as period,
from bounds;

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

-- What was paid by the buyers of orders that stand: their sales, less what went back on the day of a sale of the order,
-- wherever that was. It lowers what was paid at the branch of its own line.
create or replace table scoped_paid as
with standing_line as (
    select scope, scope_id, order_key, customer_id, paid_on, amount
    from scoped_money
    inner join run on scoped_money.paid_on <= run.as_of
    anti join emptied_order
        on scoped_money.order_key = emptied_order.order_key and run.as_of = emptied_order.known_on
)

from standing_line
where amount >= 0
union all
select refund.*
from standing_line as refund
semi join (from standing_line where amount >= 0) as sale using (order_key, customer_id, paid_on)
where refund.amount < 0;

-- What of each line's money is profit: less its cost; without one the margin of its item, else of its department, else
-- the chain's. Without any, a refund counts in full, and of a sale it is unknown.
create or replace view scoped_profit as
select
    scoped_money.scope,
    scoped_money.scope_id,
    scoped_money.paid_on,
    case
        when scoped_money.cost is not null then scoped_money.amount - scoped_money.cost
        else round(scoped_money.amount * coalesce(of_item.margin, of_department.margin, of_chain.margin, 1), 2)
    end as profit,
    coalesce(scoped_money.cost, of_item.margin, of_department.margin, of_chain.margin) is null
    and scoped_money.amount > 0 as is_unknown,
from scoped_money
left join margin as of_item on scoped_money.item_id = of_item.item_id
left join margin as of_department on scoped_money.department = of_department.department
left join margin as of_chain on of_chain.item_id is null and of_chain.department is null;

-- First-timers at each scope group, by the day on which their 90 days are over.
create or replace view first_timer as
select
    scope,
    scope_id,
    customer_id,
    min(consumed_on) + 90 as due_on,
    count(distinct consumed_on) filter (where consumed_on <= first_on + 90) > 1 as is_back,
from (
    select *, min(consumed_on) over (partition by scope, scope_id, customer_id) as first_on
    from consumption_day
    inner join run on consumption_day.known_on = run.as_of
)
group by scope, scope_id, customer_id;

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

paid as (
    select scope, scope_id, sum(amount) as paid
    from scoped_paid
    cross join period
    where paid_on between period_start and as_of
    group by scope, scope_id
),

earned as (
    select scope, scope_id, sum(profit) as profit, bool_or(is_unknown) as is_unknown
    from scoped_profit
    cross join period
    where paid_on between period_start and as_of
    group by scope, scope_id
),

due as (
    select scope, scope_id, count(*) as due_first_timers, count(*) filter (where is_back) as returned_first_timers
    from first_timer
    cross join period
    where due_on between period_start and as_of
    group by scope, scope_id
),

ordered as (
    select
        scope,
        scope_id,
        count(distinct order_key) as orders,
        count(distinct (customer_id, consumed_on)) filter (where amount > 0) as paying_customer_days,
    from known_consumption
    cross join period
    where order_key is not null and consumed_on between period_start and as_of
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

-- Per customer: did they consume in this period, in the one before (by its same day) and in the one before that, and on
-- an earlier day than a day of this period?
habit as (
    select
        scope,
        scope_id,
        customer_id,
        bool_or(consumed_on >= period_start) as is_this,
        bool_or(consumed_on between previous_start and opening) as is_previous,
        bool_or(consumed_on between previous_start and previous_as_of) as is_previous_to_date,
        bool_or(consumed_on between earlier_start and previous_opening) as is_earlier,
        min(consumed_on) >= period_start as is_new,
        is_this and min(consumed_on) < max(consumed_on) as is_repeating,
        count(distinct consumed_on) filter (where consumed_on >= period_start) as days,
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
        count(*) filter (where is_earlier) as earlier_consumers,
        count(*) filter (where is_earlier and is_previous_to_date) as previous_retained,
        count(*) filter (where is_repeating) as repeating,
        sum(days) as days,
    from habit
    group by scope, scope_id
)

select
    scope_group.scope,
    scope_group.scope_id,
    coalesce(revenue.revenue, 0)::decimal(18, 2) as revenue,
    if((select count(*) from in_visits) = 0, null, coalesce(visited.visits, 0)) as visits,
    coalesce(ordered.orders, 0) as orders,
    coalesce(ordered.paying_customer_days, 0) as paying_days,
    coalesce(returned.new_customers, 0) as new_customers,
    coalesce(returned.customers, 0) as customers,
    returned.retained::double / nullif(returned.previous_consumers, 0) as retention_rate_to_date,
    returned.previous_retained::double / nullif(returned.earlier_consumers, 0) as previous_retention_rate_to_date,
    if(period.is_period_end, retention_rate_to_date, null) as retention_rate,
    not period.is_period_end as is_provisional,
    returned.repeating::double / nullif(returned.consumers, 0) as repurchase_rate,
    coalesce(paid.paid, 0)::decimal(18, 2) as paid,
    coalesce(paid.paid, 0)::double / nullif(ordered.paying_customer_days, 0) as average_transaction_value,
    coalesce(returned.days, 0) as consumption_days,
    if(coalesce(earned.is_unknown, false), null, coalesce(earned.profit, 0))::decimal(18, 2) as profit,
    coalesce(due.due_first_timers, 0) as due_first_timers,
    coalesce(due.returned_first_timers, 0) as returned_first_timers,
from scope_group
cross join period
left join earned using (scope, scope_id)
left join due using (scope, scope_id)
left join paid using (scope, scope_id)
left join revenue using (scope, scope_id)
left join ordered using (scope, scope_id)
left join visited using (scope, scope_id)
left join returned using (scope, scope_id);

-- Sessions that were paid for and not used: of each open package its share of the money, which what was paid back of the
-- order lowers in proportion.
create or replace table want_fct_session_balance as
with bought as (
    select
        order_key,
        sum(amount) filter (where package_sessions > 0 and amount >= 0) as price,
        sum(package_sessions) filter (where amount >= 0) as sessions,
        sum(amount) filter (where amount >= 0) as sold,
        sum(amount) as kept,
    from money_line
    inner join run on money_line.paid_on <= run.as_of
    group by order_key
),

owed as (
    select
        scoped_package.scope,
        scoped_package.scope_id,
        scoped_package.customer_id,
        scoped_package.sessions_left,
        -- In whole cents, half a cent up.
        (100 * bought.price)::hugeint * (100 * bought.kept)::hugeint * sessions_left as share_of,
        (100 * bought.sold)::hugeint * bought.sessions as whole,
        coalesce(((2 * share_of + whole) // nullif(2 * whole, 0))::decimal(18, 2) / 100, 0)::decimal(18, 2) as worth,
        scoped_package.ended_on - run.as_of <= 30 as is_expiring,
    from scoped_package
    inner join run on scoped_package.known_on = run.as_of
    inner join bought using (order_key)
    where scoped_package.is_open
)

select
    stage.scope,
    stage.scope_id,
    count(distinct owed.customer_id) as customers,
    count(owed.customer_id) as packages,
    coalesce(sum(owed.sessions_left), 0) as sessions_owed,
    coalesce(sum(owed.worth), 0)::decimal(18, 2) as value_owed,
    coalesce(sum(owed.sessions_left) filter (where owed.is_expiring), 0) as sessions_expiring_30_days,
    coalesce(sum(owed.worth) filter (where owed.is_expiring), 0)::decimal(18, 2) as value_expiring_30_days,
from (select distinct scope, scope_id from want_fct_lifecycle_snapshot) as stage
left join owed using (scope, scope_id)
group by stage.scope, stage.scope_id;
