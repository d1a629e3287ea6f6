-- The state machine over periods, walked from period to period, from the tables of stages.sql, facts.sql and cohorts.sql.

-- Of each customer with consumption, as known on as_of and at the opening, the status in every period from the first
-- one with consumption on: at its end, or on as_of in a period that is open.
create or replace table status_walk as
with recursive knowledge as (
    select distinct unnest([as_of, opening]) as known_on from period
),

step as (
    select number, starts_on, reached, reached < period.as_of or period.is_period_end as is_whole
    from calendar
    cross join period
),

-- Of everybody with consumption: the numbers of the periods with it, and the packages.
customer as (
    select
        consumption_day.known_on,
        consumption_day.scope,
        consumption_day.scope_id,
        consumption_day.customer_id,
        list(distinct step.number) as came_in,
        min(step.number) as first_number,
        count(*) filter (where consumption_day.consumed_on <= first_step.reached) as first_days,
    from consumption_day
    inner join step on consumption_day.consumed_on between step.starts_on and step.reached
    inner join consumer using (known_on, scope, scope_id, customer_id)
    inner join step as first_step on consumer.first_consumed_on between first_step.starts_on and first_step.reached
    where consumption_day.known_on in (from knowledge)
    group by all
),

holding as (
    select known_on, scope, scope_id, customer_id, list({'bought_on': bought_on, 'ended_on': ended_on}) as packages
    from scoped_package
    group by all
),

person as (
    select customer.* exclude (first_days), customer.first_days = 1 as is_once, coalesce(holding.packages, []) as packages
    from customer
    left join holding using (known_on, scope, scope_id, customer_id)
),

walk as (
    select known_on, scope, scope_id, customer_id, first_number as number, if(is_once, 'new', 'active') as status
    from person
    union all
    select
        walk.known_on,
        walk.scope,
        walk.scope_id,
        walk.customer_id,
        step.number,
        case
            when list_contains(person.came_in, step.number) then 'active'
            when not step.is_whole then walk.status
            -- Sessions left when the period closed.
            when len(list_filter(person.packages, lambda card: step.reached >= card.bought_on and step.reached < card.ended_on)) > 0
                then walk.status
            when walk.status = 'active' then 'dormant'
            else 'lost'
        end as status,
    from walk
    inner join step on walk.number + 1 = step.number and step.reached <= walk.known_on
    inner join person using (known_on, scope, scope_id, customer_id)
)

select walk.*, step.reached
from walk
inner join step using (number);

-- Customers whose department counts in cycles of its own.
create or replace table roller as
select last_department.* exclude (department), cycle.cycle_days
from last_department
inner join cycle
    on cycle.department
    = case when last_department.department in (select department from cycle) then last_department.department else '' end
where cycle.cycle_days is not null;

-- Their status on the days that are asked about, walked from cycle to cycle. The last cycle ends on that day, and has
-- number 0; the ones before it have 1, 2, ….
create or replace table rolled_walk as
with recursive asked as (
    select as_of as known_on, unnest([as_of, opening, previous_as_of, previous_opening]) as reached from period
    union
    select opening as known_on, opening as reached from period
),

holding as (
    select known_on, scope, scope_id, customer_id, list({'bought_on': bought_on, 'ended_on': ended_on}) as packages
    from scoped_package
    group by all
),

person as (
    select
        roller.*,
        asked.reached,
        list((asked.reached - consumption_day.consumed_on) // roller.cycle_days) as came_in,
        list_max(came_in) as first_number,
        coalesce(any_value(holding.packages), []) as packages,
    from roller
    inner join asked using (known_on)
    inner join consumption_day using (known_on, scope, scope_id, customer_id)
    left join holding using (known_on, scope, scope_id, customer_id)
    where consumption_day.consumed_on <= asked.reached
    group by all
),

walk as (
    select
        known_on,
        reached,
        scope,
        scope_id,
        customer_id,
        first_number as number,
        if(len(list_filter(came_in, lambda number: number = first_number)) = 1, 'new', 'active') as status,
    from person
    union all
    select
        walk.known_on,
        walk.reached,
        walk.scope,
        walk.scope_id,
        walk.customer_id,
        walk.number - 1 as number,
        case
            when list_contains(person.came_in, walk.number - 1) then 'active'
            -- Sessions left when the cycle ended.
            when len(
                list_filter(
                    person.packages,
                    lambda card: walk.reached - ((walk.number - 1) * person.cycle_days)::integer
                    between card.bought_on and card.ended_on - 1
                )
            ) > 0
                then walk.status
            when walk.status = 'active' then 'dormant'
            else 'lost'
        end as status,
    from walk
    inner join person using (known_on, reached, scope, scope_id, customer_id)
    where walk.number > 0
)

from walk where number = 0;

-- As it stood on as_of, and at the opening by what was known then.
create or replace table period_status as
select known_on, scope, scope_id, customer_id, status
from status_walk
anti join roller using (known_on, scope, scope_id, customer_id)
where reached = known_on
union all
select known_on, scope, scope_id, customer_id, status
from rolled_walk
where reached = known_on;

-- Who fell, or is falling, in this period by as_of and in the one before by its same day, by what is known on as_of.
create or replace table fallen as
with span as (
    select 'this' as span, opening, period_start as starts_on, as_of as ends_on, as_of from period
    union all
    select 'previous' as span, previous_opening as opening, previous_start as starts_on, previous_as_of as ends_on, as_of
    from period
),

away as (
    select span.span, status_walk.scope, status_walk.scope_id, status_walk.customer_id, status_walk.status
    from (from status_walk anti join roller using (known_on, scope, scope_id, customer_id)) as status_walk
    inner join span on status_walk.known_on = span.as_of and status_walk.reached = span.opening
    where not exists (
        from consumption_day
        where consumption_day.known_on = span.as_of
            and consumption_day.scope = status_walk.scope
            and consumption_day.scope_id = status_walk.scope_id
            and consumption_day.customer_id = status_walk.customer_id
            and consumption_day.consumed_on between span.starts_on and span.ends_on
    )
    and not exists (
        from scoped_package
        where scoped_package.known_on = span.as_of
            and scoped_package.scope = status_walk.scope
            and scoped_package.scope_id = status_walk.scope_id
            and scoped_package.customer_id = status_walk.customer_id
            and scoped_package.bought_on <= span.ends_on
            and scoped_package.ended_on > span.ends_on
    )
),

-- Whose cycles roll have fallen if the state of the last day is another than at the opening.
rolled as (
    select span.span, last.scope, last.scope_id, last.customer_id, before.status as before, last.status as now
    from rolled_walk as last
    inner join span on last.known_on = span.as_of and last.reached = span.ends_on
    inner join rolled_walk as before
        on before.known_on = span.as_of
        and before.reached = span.opening
        and last.scope = before.scope
        and last.scope_id = before.scope_id
        and last.customer_id = before.customer_id
),

fell as (
    select span, scope, scope_id, if(status = 'active', 'dormant', 'lost') as status
    from away
    where status <> 'lost'
    union all
    select span, scope, scope_id, now as status
    from rolled
    where (now = 'dormant' and before = 'active') or (now = 'lost' and before <> 'lost')
)

select
    scope,
    scope_id,
    count(*) filter (where span = 'this' and status = 'dormant') as dormant_to_date_customers,
    count(*) filter (where span = 'previous' and status = 'dormant') as previous_dormant_to_date_customers,
    count(*) filter (where span = 'this' and status = 'lost') as lost_to_date_customers,
    count(*) filter (where span = 'previous' and status = 'lost') as previous_lost_to_date_customers,
from fell
group by scope, scope_id;
