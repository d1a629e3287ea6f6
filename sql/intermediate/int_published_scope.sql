-- Scope groups that the pipeline asks for.
-- Grain: scope_key.
select
    scope_key,
    scope,
    scope_id
from int_scope
where is_published
