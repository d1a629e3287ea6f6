-- What is left of each customer's packages in each scope group, and when the last of them ended.
-- Grain: scope_key, customer_key.
with
packages as (
    select
        customer_key,
        branch_key,
        case when ended_on > $as_of then sessions - sessions_used else 0 end as sessions_left,
        case when ended_on <= $as_of then ended_on end as ended_on
    from int_package
),

scoped as (
    select branch_key as scope_key, customer_key, sessions_left, ended_on from packages
    union all
    select $chain_scope_key as scope_key, customer_key, sessions_left, ended_on from packages
)

select
    scope_key,
    customer_key,
    sum(sessions_left) as sessions_left,
    max(ended_on) as last_ended_on
from scoped
group by scope_key, customer_key
