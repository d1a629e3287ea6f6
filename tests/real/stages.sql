-- The life stage of every known customer per scope, at the end of each day in known_day.

-- Deliveries: the greatest updated_at wins, then the later object, then the later row. Where ids are a branch's, the
-- same number at another is another order or visit. A row without an order's id is an order of its own. What doesn't
-- tell its department has its item's.
create or replace table order_line as
with keyed as (
    select
        in_orders.* replace (coalesce(in_orders.department, in_items.department) as department),
        case
            when in_orders.order_id is null then 'row ' || in_orders.rowid
            when run.order_ids_unique_in = 'branch' then in_orders.branch_id || ' ' || in_orders.order_id
            else in_orders.order_id
        end as order_key,
    from in_orders
    cross join run
    left join in_items using (item_id)
)

select *
from keyed
qualify row_number() over (
    partition by order_key, line_no
    order by updated_at desc nulls last, delivered desc
) = 1;

create or replace table visit as
select in_visits.* replace (coalesce(in_visits.department, in_items.department) as department)
from in_visits
cross join run
left join in_items using (item_id)
qualify row_number() over (
    partition by if(run.visit_ids_unique_in = 'branch', in_visits.branch_id, null), in_visits.visit_id
    order by in_visits.updated_at desc nulls last, in_visits.delivered desc
) = 1;

create or replace table lead as
select *
from in_leads
qualify row_number() over (
    partition by branch_id, customer_id
    order by updated_at desc nulls last, delivered desc
) = 1;

-- Lines that move money. One that was paid back in full, or cancelled, never did.
create or replace table money_line as
select *
from order_line
where status = 'paid' or (status = 'refunded' and amount < 0);

-- Orders whose refunds, as known on a day, took back all that was paid.
create or replace table emptied_order as
select
    known_day.known_on,
    money_line.order_key,
from money_line
inner join known_day on money_line.paid_on <= known_day.known_on
group by known_day.known_on, money_line.order_key
having sum(money_line.amount) <= 0 and bool_or(money_line.amount < 0);

-- One row per event that counts as consumption, as known on a day.
create or replace table consumption as
select
    known_day.known_on,
    money_line.customer_id,
    money_line.branch_id,
    money_line.department,
    money_line.paid_on as consumed_on,
    money_line.order_key,
    money_line.amount,
from money_line
inner join known_day on money_line.paid_on <= known_day.known_on
anti join emptied_order
    on money_line.order_key = emptied_order.order_key and known_day.known_on = emptied_order.known_on
where money_line.amount >= 0
union all
select
    known_day.known_on,
    visit.customer_id,
    visit.branch_id,
    visit.department,
    visit.visited_on as consumed_on,
    null as order_key,
    null as amount,
from visit
inner join known_day on visit.visited_on <= known_day.known_on
where visit.status = 'attended' and visit.kind in ('treatment', 'package_session', 'review');

-- The same per scope.
create or replace view scoped_consumption as
select *, 'chain' as scope, '*' as scope_id from consumption
union all
select *, 'branch' as scope, branch_id as scope_id from consumption;

create or replace view scoped_money as
select *, 'chain' as scope, '*' as scope_id from money_line
union all
select *, 'branch' as scope, branch_id as scope_id from money_line;

create or replace table consumption_day as
select distinct known_on, scope, scope_id, customer_id, consumed_on
from scoped_consumption;

create or replace table consumer as
select
    known_on,
    scope,
    scope_id,
    customer_id,
    min(consumed_on) as first_consumed_on,
    max(consumed_on) as last_consumed_on,
    count(*) as lifetime_days,
from consumption_day
group by known_on, scope, scope_id, customer_id;

-- From when a customer is known: the first row of any kind and any status.
create or replace table acquaintance as
with sighting as (
    select customer_id, branch_id, created_on as seen_on from lead
    union all
    select customer_id, branch_id, paid_on as seen_on from order_line
    union all
    select customer_id, branch_id, visited_on as seen_on from visit
),

scoped as (
    select 'chain' as scope, '*' as scope_id, customer_id, seen_on from sighting
    union all
    select 'branch' as scope, branch_id as scope_id, customer_id, seen_on from sighting where branch_id is not null
)

select scope, scope_id, customer_id, min(seen_on) as known_from
from scoped
group by scope, scope_id, customer_id;

-- The department of the last consumption day: the one with the most money that day, then by name. A sale that was fully
-- refunded is no consumption, so neither it nor its refund tells anything, whichever departments their lines name.
create or replace table last_department as
with candidate as (
    select distinct
        scoped_consumption.known_on,
        scoped_consumption.scope,
        scoped_consumption.scope_id,
        scoped_consumption.customer_id,
        scoped_consumption.consumed_on,
        scoped_consumption.department,
    from scoped_consumption
    inner join consumer
        on scoped_consumption.known_on = consumer.known_on
        and scoped_consumption.scope = consumer.scope
        and scoped_consumption.scope_id = consumer.scope_id
        and scoped_consumption.customer_id = consumer.customer_id
        and scoped_consumption.consumed_on = consumer.last_consumed_on
),

undone_order as (
    select distinct emptied_order.known_on, emptied_order.order_key
    from emptied_order
    inner join money_line
        on emptied_order.order_key = money_line.order_key
        and money_line.paid_on <= emptied_order.known_on
        and money_line.amount >= 0
),

daily_money as (
    select
        candidate.known_on,
        candidate.scope,
        candidate.scope_id,
        candidate.customer_id,
        candidate.department,
        sum(scoped_money.amount) as amount,
    from candidate
    inner join scoped_money
        on candidate.scope = scoped_money.scope
        and candidate.scope_id = scoped_money.scope_id
        and candidate.customer_id = scoped_money.customer_id
        and candidate.consumed_on = scoped_money.paid_on
        and candidate.department is not distinct from scoped_money.department
    anti join undone_order
        on scoped_money.order_key = undone_order.order_key and candidate.known_on = undone_order.known_on
    group by all
)

select candidate.known_on, candidate.scope, candidate.scope_id, candidate.customer_id, candidate.department
from candidate
left join daily_money
    on candidate.known_on = daily_money.known_on
    and candidate.scope = daily_money.scope
    and candidate.scope_id = daily_money.scope_id
    and candidate.customer_id = daily_money.customer_id
    and candidate.department is not distinct from daily_money.department
qualify row_number() over (
    partition by candidate.known_on, candidate.scope, candidate.scope_id, candidate.customer_id
    order by coalesce(daily_money.amount, 0) desc, candidate.department asc nulls last
) = 1;

-- How far frequency and money look back, by the department; nobody is here who never consumed.
create or replace table own_window as
select
    last_department.known_on,
    last_department.scope,
    last_department.scope_id,
    last_department.customer_id,
    coalesce(own_window_days.window_days, run.window_days) as window_days,
from last_department
cross join run
left join own_window_days using (department);

-- Sessions of packages, and the orders that these were bought with, as known on a day: of the packages of that number
-- that were sold by the day of the visit, the one of the branch that the visit names, by default its own; if there is
-- none, that of the only other branch that had sold one.
create or replace table session as
with named_order as (
    select known_day.known_on, money_line.order_id, money_line.branch_id, money_line.order_key, min(money_line.paid_on) as paid_on
    from money_line
    inner join known_day on money_line.paid_on <= known_day.known_on
    where money_line.order_id is not null and money_line.package_sessions is not null and money_line.amount >= 0
    group by all
),

attended as (
    select
        row_number() over () as number,
        visited_on,
        order_id,
        coalesce(order_branch_id, branch_id) as order_branch_id,
    from visit
    where status = 'attended' and kind = 'package_session' and order_id is not null
),

placed as (
    select
        named_order.known_on,
        attended.visited_on,
        any_value(named_order.order_key) filter (named_order.branch_id = attended.order_branch_id) as named_key,
        any_value(named_order.order_key) as other_key,
        count(distinct named_order.order_key) as orders,
    from attended
    inner join named_order
        on attended.order_id = named_order.order_id
        and attended.visited_on <= named_order.known_on
        and attended.visited_on >= named_order.paid_on
    group by attended.number, attended.visited_on, named_order.known_on
)

select known_on, visited_on, coalesce(named_key, other_key) as order_key
from placed
where named_key is not null or orders = 1;

-- Every package as known on a day: until when it has sessions left, and how many on that day.
create or replace table package as
with bought as (
    select order_key, customer_id, branch_id, paid_on, package_sessions
    from money_line
    where package_sessions is not null and amount >= 0
),

used as (
    select known_on, order_key, list_sort(list(visited_on)) as used_on
    from session
    group by known_on, order_key
)

select
    known_day.known_on,
    bought.order_key,
    bought.customer_id,
    bought.branch_id,
    bought.paid_on as bought_on,
    bought.package_sessions - coalesce(len(used.used_on), 0) as sessions_left,
    least(used.used_on[bought.package_sessions], bought.paid_on + run.package_valid_days) as ended_on,
    known_day.known_on < ended_on as is_open,
from bought
cross join run
inner join known_day on bought.paid_on <= known_day.known_on
left join used on bought.order_key = used.order_key and known_day.known_on = used.known_on
anti join emptied_order
    on bought.order_key = emptied_order.order_key and known_day.known_on = emptied_order.known_on;

create or replace table scoped_package as
select *, 'chain' as scope, '*' as scope_id from package
union all
select *, 'branch' as scope, branch_id as scope_id from package;

create or replace table holder as
select
    known_on,
    scope,
    scope_id,
    customer_id,
    bool_or(is_open) as has_open_package,
    max(ended_on) filter (where not is_open) as last_package_ended_on,
from scoped_package
group by known_on, scope, scope_id, customer_id;

-- What the ladder's rules ask about, per known customer.
create or replace table standing as
with own as (
    select
        consumer.*,
        ladder.* exclude (department),
        coalesce(holder.has_open_package, false) as has_open_package,
        greatest(consumer.last_consumed_on, holder.last_package_ended_on) as idle_since,
    from consumer
    inner join last_department using (known_on, scope, scope_id, customer_id)
    inner join ladder
        on ladder.department
        = case when last_department.department in (select department from ladder) then last_department.department else '' end
    left join holder using (known_on, scope, scope_id, customer_id)
)

select
    own.*,
    own.known_on - own.last_consumed_on as recency_days,
    own.known_on - own.idle_since as idle_days,
    count(*) filter (where consumption_day.consumed_on > own.known_on - own.loyal_window_days) as loyal_days,
    count(*) filter (where consumption_day.consumed_on > own.known_on - own.active_window_days) as active_days,
    count(*) filter (where consumption_day.consumed_on > own.known_on - own.effective_window_days) as effective_days,
from own
inner join consumption_day using (known_on, scope, scope_id, customer_id)
group by all;

create or replace table stage as
select
    known_day.known_on,
    acquaintance.scope,
    acquaintance.scope_id,
    acquaintance.customer_id,
    case
        when standing.customer_id is null then 'potential'
        when not has_open_package and idle_days >= dead_idle_days then 'dead'
        when not has_open_package and idle_days >= dormant_idle_days then 'dormant'
        when recency_days < loyal_recency_days and loyal_days >= loyal_frequency then 'loyal'
        when recency_days < active_recency_days and active_days >= active_frequency then 'active'
        when recency_days < effective_recency_days and effective_days >= effective_frequency then 'effective'
        when lifetime_days = 1 and recency_days <= new_recency_days then 'new'
        else 'silent'
    end as stage,
from acquaintance
inner join known_day on acquaintance.known_from <= known_day.known_on
left join standing using (known_on, scope, scope_id, customer_id);
