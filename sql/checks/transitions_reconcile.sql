-- Opening stock + in - out = closing stock, stage by stage, and both are the customers of the snapshot.
with
moved as (
    select scope, scope_id, from_stage as stage, 'opening' as moment, sum(customers) as customers
    from fct_lifecycle_transition
    where from_stage is not null
    group by scope, scope_id, from_stage
    union all
    select scope, scope_id, to_stage as stage, 'closing' as moment, sum(customers) as customers
    from fct_lifecycle_transition
    group by scope, scope_id, to_stage
),

known as (
    select scope, scope_id, previous_stage as stage, 'opening' as moment, count(*) as customers
    from fct_lifecycle_snapshot
    where previous_stage is not null
    group by scope, scope_id, previous_stage
    union all
    select scope, scope_id, stage, 'closing' as moment, count(*) as customers
    from fct_lifecycle_snapshot
    group by scope, scope_id, stage
)

select
    coalesce(known.scope, moved.scope) as scope,
    coalesce(known.scope_id, moved.scope_id) as scope_id,
    coalesce(known.stage, moved.stage) as stage,
    coalesce(known.moment, moved.moment) as moment,
    known.customers,
    moved.customers as moved_customers
from known
full join moved
    on
        known.scope = moved.scope
        and known.scope_id = moved.scope_id
        and known.stage = moved.stage
        and known.moment = moved.moment
where known.customers is distinct from moved.customers
