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

came as (
    select
        consumption_day.known_on,
        consumption_day.scope,
        consumption_day.scope_id,
        consumption_day.customer_id,
        step.number,
        count(*) as days,
    from consumption_day
    inner join knowledge on consumption_day.known_on = knowledge.known_on
    inner join step on consumption_day.consumed_on between step.starts_on and step.reached
    group by all
),

-- Sessions left when a period closed.
holding as (
    select distinct scoped_package.known_on, scope, scope_id, customer_id, step.number
    from scoped_package
    inner join step on step.reached between scoped_package.bought_on and scoped_package.ended_on - 1
),

walk as (
    select known_on, scope, scope_id, customer_id, number, if(days = 1, 'new', 'active') as status
    from came
    qualify row_number() over (partition by known_on, scope, scope_id, customer_id order by number) = 1
    union all
    select
        walk.known_on,
        walk.scope,
        walk.scope_id,
        walk.customer_id,
        step.number,
        case
            when came.number is not null then 'active'
            when not step.is_whole or holding.number is not null then walk.status
            when walk.status = 'active' then 'dormant'
            else 'lost'
        end as status,
    from walk
    inner join step on walk.number + 1 = step.number and step.reached <= walk.known_on
    left join came
        on walk.known_on = came.known_on
        and walk.scope = came.scope
        and walk.scope_id = came.scope_id
        and walk.customer_id = came.customer_id
        and step.number = came.number
    left join holding
        on walk.known_on = holding.known_on
        and walk.scope = holding.scope
        and walk.scope_id = holding.scope_id
        and walk.customer_id = holding.customer_id
        and step.number = holding.number
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
