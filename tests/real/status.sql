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

-- As it stood on as_of, and at the opening by what was known then.
create or replace table period_status as
select known_on, scope, scope_id, customer_id, status
from status_walk
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
    from status_walk
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
)

select
    scope,
    scope_id,
    count(*) filter (where span = 'this' and status = 'active') as dormant_to_date_customers,
    count(*) filter (where span = 'previous' and status = 'active') as previous_dormant_to_date_customers,
    count(*) filter (where span = 'this' and status in ('new', 'dormant')) as lost_to_date_customers,
    count(*) filter (where span = 'previous' and status in ('new', 'dormant')) as previous_lost_to_date_customers,
from away
group by scope, scope_id;
