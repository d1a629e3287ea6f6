-- Scope groups that are published: the chain, and each branch at work by as_of, as the pipeline asks.
-- Grain: scope_key.
with
scopes as (
    select scope_key, scope, scope_id from run_scope
)

select
    scopes.scope_key,
    scopes.scope,
    scopes.scope_id
from scopes
where
    scopes.scope = 'chain'
    or exists (select 1 from int_branch where int_branch.branch_key = scopes.scope_key)
