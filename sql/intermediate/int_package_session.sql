-- The days of sessions that customers came for, by their package: that of the branch which the visit names, by default
-- its own. If that had sold no package of this number by then, and exactly one other branch had, it is that one.
-- Packages of a later day are no candidates, so that an earlier day's snapshot finds the same one.
-- Grain: order_branch_key, order_id.
with
sessions as (
    select
        order_id,
        visited_on,
        coalesce(order_branch_key, branch_key) as named_branch_key
    from stg_visits
    where is_attended and kind = 'package_session' and order_id is not null
),

numbers as (
    select
        order_id,
        first_value(order_branch_key order by paid_on, order_branch_key) as order_branch_key,
        min(paid_on) as first_paid_on,
        nth_day(day_list(paid_on), 2) as second_paid_on
    from int_package_order
    group by order_id
),

placed as (
    select
        sessions.order_id,
        sessions.visited_on,
        sessions.named_branch_key,
        numbers.order_branch_key as first_branch_key,
        case
            when named_package.paid_on <= sessions.visited_on then 'named'
            when numbers.second_paid_on <= sessions.visited_on then 'ambiguous'
            when numbers.first_paid_on <= sessions.visited_on then 'elsewhere'
            else 'unknown'
        end as found
    from sessions
    left join int_package_order as named_package
        on
            sessions.named_branch_key = named_package.order_branch_key
            and sessions.order_id = named_package.order_id
    left join numbers on sessions.order_id = numbers.order_id
),

keyed as (
    select
        order_id,
        visited_on,
        found,
        case found when 'elsewhere' then first_branch_key else named_branch_key end as order_branch_key
    from placed
)

select
    order_branch_key,
    order_id,
    day_list(visited_on) as session_days,
    sum(case when found = 'elsewhere' then 1 else 0 end) as elsewhere_sessions,
    sum(case when found = 'ambiguous' then 1 else 0 end) as ambiguous_sessions
from keyed
group by order_branch_key, order_id
