-- Customers and their money by value segment when the period opened and now. A null from_segment: had not consumed
-- then. A null to_segment: all that they had consumed by then was refunded since, so that they are in no segment now.
-- Grain: as_of, scope, scope_id, from_segment, to_segment.
with
customers as (
    select scope, scope_id, previous_segment, segment, monetary
    from fct_customer_rfm
),

unconsumed as (
    select scope_key, customer_key, monetary
    from int_customer_stage
    where last_consumed_on is null
),

opening as (
    select scope_key, customer_key, segment from opening.int_customer_score
),

gone as (
    select
        int_published_scope.scope,
        int_published_scope.scope_id,
        opening.segment as previous_segment,
        cast(null as varchar) as segment,
        unconsumed.monetary
    from unconsumed
    inner join opening
        on unconsumed.scope_key = opening.scope_key and unconsumed.customer_key = opening.customer_key
    inner join int_published_scope on unconsumed.scope_key = int_published_scope.scope_key
),

moved as (
    select * from customers
    union all
    select * from gone
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    scope,
    scope_id,
    previous_segment as from_segment,
    segment as to_segment,
    count(*) as customers,
    sum(monetary) as monetary
from moved
group by scope, scope_id, previous_segment, segment
order by scope, scope_id, from_segment, to_segment
