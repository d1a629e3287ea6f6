-- What is left of each customer's packages in each scope group, when the last of them ended, and days that stand for
-- the time in which they had any: close enough that no stretch as long as a dormant rule's looks idle.
-- Grain: scope_key, customer_key.
with
steps as (
    select min(dormant_idle_days) as step_days from policy_ladder
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
        spread_days(int_package.paid_on, least(int_package.ended_on, $as_of), steps.step_days) as package_days
    from int_package
    cross join steps
),

scoped as (
    select branch_key as scope_key, customer_key, sessions_left, ended_on, package_days from packages
    union all
    select $chain_scope_key as scope_key, customer_key, sessions_left, ended_on, package_days from packages
    union all
    select
        $department_scope_key + department_key as scope_key, customer_key, sessions_left, ended_on, package_days
    from packages
    where $has_department_scope and department_key is not null
    union all
    select $item_scope_key + item_key as scope_key, customer_key, sessions_left, ended_on, package_days from packages
    where $has_item_scope and item_key is not null
)

select
    scope_key,
    customer_key,
    sum(sessions_left) as sessions_left,
    max(ended_on) as last_ended_on,
    merge_day_sets(package_days) as package_days
from scoped
group by scope_key, customer_key
