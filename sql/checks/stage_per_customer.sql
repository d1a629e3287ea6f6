-- Everyone who has consumed has one segment and one stage per scope group, and nobody else has a segment.
with
staged as (
    select scope, scope_id, sum(case when stage <> 'potential' then 1 else 0 end) as staged_customers
    from fct_lifecycle_snapshot
    group by scope, scope_id
),

segmented as (
    select scope, scope_id, count(segment) as segmented_customers
    from fct_customer_rfm
    group by scope, scope_id
)

select
    staged.scope,
    staged.scope_id,
    staged.staged_customers,
    segmented.segmented_customers
from staged
left join segmented on staged.scope = segmented.scope and staged.scope_id = segmented.scope_id
where staged.staged_customers <> coalesce(segmented.segmented_customers, 0)
