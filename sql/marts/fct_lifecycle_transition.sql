-- Customers and their money by life stage when the period opened and now. A null from_stage: not known then.
-- Grain: as_of, scope, scope_id, from_stage, to_stage.
with
customers as (
    select as_of, period, is_period_end, scope, scope_id, previous_stage, stage, monetary
    from fct_lifecycle_snapshot
)

select
    as_of,
    period,
    is_period_end,
    scope,
    scope_id,
    previous_stage as from_stage,
    stage as to_stage,
    count(*) as customers,
    sum(monetary) as monetary
from customers
group by as_of, period, is_period_end, scope, scope_id, previous_stage, stage
order by scope, scope_id, from_stage, to_stage
