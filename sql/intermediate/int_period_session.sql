-- What each branch and the chain owed in paid sessions at the end of each slot (run_slot).
-- Grain: scope_key, slot.
with
scoped as (
    select branch_key as scope_key, slot, sessions_left, value_left from int_session_balance
    union all
    select $chain_scope_key as scope_key, slot, sessions_left, value_left from int_session_balance
)

select
    scope_key,
    slot,
    sum(sessions_left) as sessions_owed,
    cast(sum(value_left) as decimal(18, 2)) as value_owed
from scoped
group by scope_key, slot
