-- Opening stock + in - out = closing stock, and both are the customers of the snapshot.
with
moved as (
    select
        scope,
        scope_id,
        sum(customers) as closing_customers,
        sum(case when from_stage is not null then customers else 0 end) as opening_customers
    from fct_lifecycle_transition
    group by scope, scope_id
),

known as (
    select
        scope,
        scope_id,
        count(stage) as closing_customers,
        count(previous_stage) as opening_customers
    from fct_lifecycle_snapshot
    group by scope, scope_id
)

select
    known.scope,
    known.scope_id,
    known.opening_customers,
    known.closing_customers,
    moved.opening_customers as moved_opening_customers,
    moved.closing_customers as moved_closing_customers
from known
left join moved on known.scope = moved.scope and known.scope_id = moved.scope_id
where
    (known.opening_customers is distinct from moved.opening_customers)
    or (known.closing_customers is distinct from moved.closing_customers)
