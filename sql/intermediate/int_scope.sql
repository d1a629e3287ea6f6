-- Scope groups that have customers' metrics: the chain, each branch at work by as_of, and each department and item
-- known by then where the pipeline asks for these.
-- Grain: scope_key.
with
scopes as (
    select scope_key, scope, scope_id, is_published from run_scope
)

select
    scopes.scope_key,
    scopes.scope,
    scopes.scope_id,
    scopes.is_published
from scopes
where
    scopes.scope = 'chain'
    or exists (select 1 from int_branch where int_branch.branch_key = scopes.scope_key)
    or (
        scopes.scope in ('department', 'item')
        and exists (select 1 from int_customer_stage where int_customer_stage.scope_key = scopes.scope_key)
    )
