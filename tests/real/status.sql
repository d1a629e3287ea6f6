-- The state machine over periods, from the tables of stages.sql and cohorts.sql, in closed form.

-- Of each customer with consumption, as known on as_of and at the opening: the period's number then, the periods of the
-- first and the last consumption, and the days in these.
create or replace table period_status as
with judged_on as (
    select known_day.known_on, calendar.number
    from known_day
    inner join period on known_day.known_on in (period.as_of, period.opening)
    inner join calendar on known_day.known_on between calendar.starts_on and calendar.reached
),

habit as (
    select
        judged_on.known_on,
        consumption_day.scope,
        consumption_day.scope_id,
        consumption_day.customer_id,
        judged_on.number,
        min(calendar.number) as first_number,
        max(calendar.number) as last_number,
        count(*) as days,
    from judged_on
    inner join consumption_day on judged_on.known_on = consumption_day.known_on
    inner join calendar on consumption_day.consumed_on between calendar.starts_on and calendar.reached
    group by all
)

-- All days in one period: of a customer who is new in it, or was.
select
    known_on,
    scope,
    scope_id,
    customer_id,
    case
        when last_number = number and first_number = number and days = 1 then 'new'
        when last_number = number then 'active'
        when last_number = number - 1 and not (first_number = last_number and days = 1) then 'dormant'
        else 'lost'
    end as status,
from habit;
