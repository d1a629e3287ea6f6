-- Sessions owed are those that customers have left, and the chain owes what its branches owe, to the cent.
with
customers as (
    select
        scope,
        scope_id,
        sum(package_sessions_left) as sessions_left
    from fct_lifecycle_snapshot
    group by scope, scope_id
),

chain as (
    select
        max(case when scope = 'chain' then value_owed end) as chain_value,
        coalesce(sum(case when scope = 'branch' then value_owed end), 0) as branches_value,
        max(case when scope = 'branch' then 1 else 0 end) as has_branches
    from fct_session_balance
)

select
    customers.scope,
    customers.scope_id,
    customers.sessions_left,
    fct_session_balance.sessions_owed,
    fct_session_balance.value_owed
from customers
left join fct_session_balance
    on customers.scope = fct_session_balance.scope and customers.scope_id = fct_session_balance.scope_id
where
    (fct_session_balance.sessions_owed is distinct from customers.sessions_left)
    or fct_session_balance.sessions_expiring_30_days > fct_session_balance.sessions_owed
    or fct_session_balance.value_expiring_30_days > fct_session_balance.value_owed
union all
select
    'chain' as scope,
    '*' as scope_id,
    cast(null as bigint) as sessions_left,
    cast(null as bigint) as sessions_owed,
    chain_value - branches_value as value_owed
from chain
where has_branches = 1 and chain_value <> branches_value
