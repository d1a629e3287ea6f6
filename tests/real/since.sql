-- Since when each customer is in the present stage: the ladder of the present department at the end of every day that
-- the customer was known, by what is known on as_of. Follows stages.sql. Of a large chain, for a share of the customers only.

create or replace table person as
select row_number() over () as person, acquaintance.*, run.as_of
from acquaintance
inner join run on acquaintance.known_from <= run.as_of;

create or replace table sampled_person as
select person.*
from person
cross join (select 1 + sum(as_of - known_from) // 4000000 as every_nth from person)
where hash(person.customer_id) % every_nth = 0;

create or replace table person_day as
select person.person, consumption_day.consumed_on
from sampled_person as person
inner join consumption_day using (scope, scope_id, customer_id)
where consumption_day.known_on = person.as_of;

-- Whose rules hold on all days, also on those when the customer was in another.
create or replace table present_department as
select person.person, last_department.department
from sampled_person as person
inner join last_department using (scope, scope_id, customer_id)
where last_department.known_on = person.as_of;

-- Packages at the end of every day since they were bought.
create or replace table person_package_day as
with bought as (
    select person.person, money_line.order_key, money_line.paid_on, money_line.package_sessions, person.as_of
    from money_line
    inner join sampled_person as person
        on money_line.customer_id = person.customer_id and person.scope_id in ('*', money_line.branch_id)
    anti join emptied_order
        on money_line.order_key = emptied_order.order_key and person.as_of = emptied_order.known_on
    where money_line.package_sessions is not null and money_line.amount >= 0 and money_line.paid_on <= person.as_of
),

daily as (
    select bought.*, unnest(generate_series(paid_on, as_of, interval 1 day))::date as day
    from bought
),

counted as (
    select
        daily.person,
        daily.day,
        daily.order_key,
        daily.package_sessions,
        daily.paid_on + run.package_valid_days as expires_on,
        count(session.visited_on) as used,
        list_sort(list(session.visited_on) filter (where session.visited_on is not null)) as used_on,
    from daily
    cross join run
    left join session
        on daily.as_of = session.known_on
        and daily.order_key = session.order_key
        and session.visited_on <= daily.day
    group by all
),

judged as (
    select *, used < package_sessions and day < expires_on as is_open
    from counted
)

select
    person,
    day,
    bool_or(is_open) as has_open_package,
    max(least(used_on[package_sessions], expires_on)) filter (where not is_open) as last_package_ended_on,
from judged
group by person, day;

create or replace table stage_day as
with daily as (
    select person, unnest(generate_series(known_from, as_of, interval 1 day))::date as day
    from sampled_person as person
),

marked as (
    select
        daily.person,
        daily.day,
        (person_day.consumed_on is not null)::integer as is_consumed,
        max(person_day.consumed_on) over (partition by daily.person order by daily.day) as last_consumed_on,
    from daily
    left join person_day on daily.person = person_day.person and daily.day = person_day.consumed_on
),

ruled as (
    select
        marked.*,
        epoch_ms(marked.day::timestamp) // 86400000 as day_number,
        ladder.* exclude (department),
        coalesce(person_package_day.has_open_package, false) as has_open_package,
        greatest(marked.last_consumed_on, person_package_day.last_package_ended_on) as idle_since,
    from marked
    left join present_department on marked.person = present_department.person
    inner join ladder
        on ladder.department
        = case
            when present_department.department in (select department from ladder) then present_department.department
            else ''
        end
    left join person_package_day on marked.person = person_package_day.person and marked.day = person_package_day.day
),

counted as (
    select
        *,
        day - last_consumed_on as recency_days,
        sum(is_consumed) over (partition by person order by day_number range between loyal_window_days - 1 preceding and current row) as loyal_days,
        sum(is_consumed) over (partition by person order by day_number range between active_window_days - 1 preceding and current row) as active_days,
        sum(is_consumed) over (partition by person order by day_number range between effective_window_days - 1 preceding and current row) as effective_days,
        sum(is_consumed) over (partition by person order by day_number) as lifetime_days,
    from ruled
)

select
    person,
    day,
    case
        when last_consumed_on is null then 'potential'
        when not has_open_package and day - idle_since >= dead_idle_days then 'dead'
        when not has_open_package and day - idle_since >= dormant_idle_days then 'dormant'
        when recency_days < loyal_recency_days and loyal_days >= loyal_frequency then 'loyal'
        when recency_days < active_recency_days and active_days >= active_frequency then 'active'
        when recency_days < effective_recency_days and effective_days >= effective_frequency then 'effective'
        when lifetime_days = 1 and recency_days <= new_recency_days then 'new'
        else 'silent'
    end as stage,
from counted;

create or replace table since as
with present as (
    select stage_day.person, stage_day.stage
    from stage_day
    inner join sampled_person as person on stage_day.person = person.person and stage_day.day = person.as_of
)

select
    person.scope,
    person.scope_id,
    person.customer_id,
    present.stage,
    coalesce(max(stage_day.day) filter (where stage_day.stage <> present.stage) + 1, person.known_from) as stage_since,
from sampled_person as person
inner join present using (person)
inner join stage_day using (person)
group by person.scope, person.scope_id, person.customer_id, person.known_from, present.stage;
