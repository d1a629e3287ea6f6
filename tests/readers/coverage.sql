-- What fct_coverage should say of the day in `run`, from the oracle's rows and in its own way: a day at a time, each beside
-- the eight weekdays before it.
create or replace table event as
select 'orders' as entity, branch_id, paid_on as day, if(status = 'paid' or (status = 'refunded' and amount < 0), amount, null) as amount
from order_line
union all
select 'visits', branch_id, visited_on, null from visit
union all
select 'leads', branch_id, created_on, null from lead;

create or replace table known_scope as
select distinct 'branch' as scope, branch_id as scope_id
from event
cross join run
where branch_id is not null and day <= as_of
union
select 'branch', branch_id from raw_branches cross join run where opened_on::date <= as_of
union
select 'chain', '*';

create or replace table scoped_event as
select event.entity, known_scope.scope, known_scope.scope_id, event.day, event.amount
from event
inner join known_scope on known_scope.scope = 'chain' or known_scope.scope_id = event.branch_id
inner join run on event.day <= run.as_of;

create or replace table want_fct_coverage as
with seen as (
    select
        entities.entity,
        known_scope.*,
        (select count(*) from scoped_event as e
         where e.entity = entities.entity and e.scope = known_scope.scope and e.scope_id = known_scope.scope_id) as row_count,
        (select min(day) from scoped_event as e
         where e.entity = entities.entity and e.scope = known_scope.scope and e.scope_id = known_scope.scope_id) as first_on,
        (select max(day) from scoped_event as e
         where e.entity = entities.entity and e.scope = known_scope.scope and e.scope_id = known_scope.scope_id) as last_on,
    from (select distinct entity from event) as entities
    cross join known_scope
),

days as (
    select entity, scope, scope_id, day, count(*) as rows_of_day, sum(amount) as amount_of_day
    from scoped_event
    group by all
),

earlier as (
    select
        seen.entity,
        seen.scope,
        seen.scope_id,
        median(coalesce(days.rows_of_day, 0)) as expected_rows,
        median(coalesce(days.amount_of_day, 0)::double) as expected_amount,
    from seen
    cross join run
    cross join range(1, 9) as weeks (week)
    left join days
        on seen.entity = days.entity and seen.scope = days.scope and seen.scope_id = days.scope_id
        and days.day = run.as_of - (7 * week)::integer
    where run.as_of - (7 * week)::integer >= seen.first_on
    group by all
)

select
    run.as_of,
    seen.entity,
    seen.scope,
    seen.scope_id,
    seen.row_count,
    seen.last_on,
    coalesce(days.rows_of_day, 0) as rows_of_day,
    earlier.expected_rows,
    days.amount_of_day::double as amount_of_day,
    if(seen.entity = 'orders', earlier.expected_amount, null) as expected_amount,
from seen
cross join run
left join days
    on seen.entity = days.entity and seen.scope = days.scope and seen.scope_id = days.scope_id and days.day = run.as_of
left join earlier
    on seen.entity = earlier.entity and seen.scope = earlier.scope and seen.scope_id = earlier.scope_id;
