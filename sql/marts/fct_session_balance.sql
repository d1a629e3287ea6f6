-- What each scope group owes in paid sessions: how many, to how many customers, and the money that was paid for them
-- (deferred revenue); and what of it expires within the next 30 days. Groups that owe none have zeros.
-- Grain: as_of, scope, scope_id.
with
scoped as (
    select
        scope_key(
            run_dimension.dimension, balance.branch_key, balance.department_key, balance.item_key
        ) as scope_key,
        balance.customer_key,
        balance.sessions_left,
        balance.value_left,
        balance.ended_on <= $as_of + 30 as is_expiring
    from int_session_balance as balance
    cross join run_dimension
    where balance.slot = 'current'
),

owed as (
    select
        scope_key,
        count(distinct customer_key) as customers,
        count(*) as packages,
        sum(sessions_left) as sessions_owed,
        sum(value_left) as value_owed,
        sum(case when is_expiring then sessions_left else 0 end) as sessions_expiring,
        sum(case when is_expiring then value_left else 0 end) as value_expiring
    from scoped
    where scope_key is not null
    group by scope_key
),

known as (
    select distinct scope_key from int_customer_stage
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    int_published_scope.scope,
    int_published_scope.scope_id,
    coalesce(owed.customers, 0) as customers,
    coalesce(owed.packages, 0) as packages,
    coalesce(owed.sessions_owed, 0) as sessions_owed,
    cast(coalesce(owed.value_owed, 0) as decimal(18, 2)) as value_owed,
    coalesce(owed.sessions_expiring, 0) as sessions_expiring_30_days,
    cast(coalesce(owed.value_expiring, 0) as decimal(18, 2)) as value_expiring_30_days
from known
inner join int_published_scope on known.scope_key = int_published_scope.scope_key
left join owed on known.scope_key = owed.scope_key
order by known.scope_key
