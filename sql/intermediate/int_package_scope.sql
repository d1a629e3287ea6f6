-- What is left of each customer's packages in each scope group, when the last of them ended, and days that stand for
-- the time in which they had any: close enough that no stretch as long as a dormant rule's looks idle.
-- For the periods: when the last package ends of those bought by as_of, by the day that the previous period is compared
-- up to, by the last closing day, by the opening and by the opening of the period before; and whether the previous
-- period had sessions left on the day that it is compared up to.
-- Grain: scope_key, customer_key.
with
steps as (
    select min(dormant_idle_days) as step_days from policy_ladder
),

slots as (
    select
        max(case when slot = 'current' then base_ends_on end) as opening,
        max(case when slot = 'previous' then base_ends_on end) as previous_opening,
        max(case when slot = 'previous' then ends_on end) as previous_ends_on
    from run_slot
),

packages as (
    select
        int_package.customer_key,
        int_package.branch_key,
        int_package.department_key,
        int_package.item_key,
        case when int_package.ended_on > $as_of then int_package.sessions - int_package.sessions_used else 0 end
            as sessions_left,
        case when int_package.ended_on <= $as_of then int_package.ended_on end as ended_on,
        int_package.ended_on as ends_on,
        case when int_package.paid_on <= slots.previous_ends_on then int_package.ended_on end as previous_ends_on,
        case when int_package.paid_on <= $closed_end then int_package.ended_on end as closed_ends_on,
        case when int_package.paid_on <= slots.opening then int_package.ended_on end as opening_ends_on,
        case when int_package.paid_on <= slots.previous_opening then int_package.ended_on end
            as previous_opening_ends_on,
        int_package.paid_on <= slots.previous_ends_on and int_package.ended_on > slots.previous_ends_on
            as has_previous_sessions,
        spread_days(int_package.paid_on, least(int_package.ended_on, $as_of), steps.step_days) as package_days
    from int_package
    cross join steps
    cross join slots
),

scoped as (
    select
        scope_key(
            run_dimension.dimension, packages.branch_key, packages.department_key, packages.item_key
        ) as scope_key,
        packages.*
    from packages
    cross join run_dimension
)

select
    scope_key,
    customer_key,
    sum(sessions_left) as sessions_left,
    max(ended_on) as last_ended_on,
    max(ends_on) as ends_on,
    max(previous_ends_on) as previous_ends_on,
    max(closed_ends_on) as closed_ends_on,
    max(opening_ends_on) as opening_ends_on,
    max(previous_opening_ends_on) as previous_opening_ends_on,
    bool_or(has_previous_sessions) as has_previous_sessions,
    merge_day_sets(package_days) as package_days
from scoped
where scope_key is not null
group by scope_key, customer_key
