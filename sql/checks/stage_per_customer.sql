-- Everyone who has consumed has one segment and one stage per scope group, and nobody else has a segment.
with
staged as (
    select scope, scope_id, count(*) as staged_customers
    from fct_lifecycle_snapshot
    where stage <> 'potential'
    group by scope, scope_id
),

segmented as (
    select scope, scope_id, count(*) as segmented_customers
    from fct_customer_rfm
    group by scope, scope_id
)

select
    coalesce(staged.scope, segmented.scope) as scope,
    coalesce(staged.scope_id, segmented.scope_id) as scope_id,
    staged.staged_customers,
    segmented.segmented_customers
from staged
full join segmented on staged.scope = segmented.scope and staged.scope_id = segmented.scope_id
where staged.staged_customers is distinct from segmented.segmented_customers
