-- Opening stock + in - out = closing stock, segment by segment: those still in a segment are the customers of the
-- snapshot, and all that had a segment at the opening have gone somewhere.
with
moved as (
    select scope, scope_id, 'opening' as moment, from_segment as segment, sum(customers) as customers
    from fct_segment_transition
    where from_segment is not null and to_segment is not null
    group by scope, scope_id, from_segment
    union all
    select scope, scope_id, 'closing' as moment, to_segment as segment, sum(customers) as customers
    from fct_segment_transition
    where to_segment is not null
    group by scope, scope_id, to_segment
    union all
    select scope, scope_id, 'opening' as moment, 'all' as segment, sum(customers) as customers
    from fct_segment_transition
    where from_segment is not null
    group by scope, scope_id
),

known as (
    select scope, scope_id, 'opening' as moment, previous_segment as segment, count(*) as customers
    from fct_customer_rfm
    where previous_segment is not null
    group by scope, scope_id, previous_segment
    union all
    select scope, scope_id, 'closing' as moment, segment, count(*) as customers
    from fct_customer_rfm
    group by scope, scope_id, segment
    union all
    select
        int_published_scope.scope,
        int_published_scope.scope_id,
        'opening' as moment,
        'all' as segment,
        count(*) as customers
    from opening.int_customer_stage as stages
    inner join int_published_scope on stages.scope_key = int_published_scope.scope_key
    where stages.last_consumed_on is not null
    group by int_published_scope.scope, int_published_scope.scope_id
)

select
    coalesce(known.scope, moved.scope) as scope,
    coalesce(known.scope_id, moved.scope_id) as scope_id,
    coalesce(known.segment, moved.segment) as segment,
    coalesce(known.moment, moved.moment) as moment,
    known.customers,
    moved.customers as moved_customers
from known
full join moved
    on
        known.scope = moved.scope
        and known.scope_id = moved.scope_id
        and known.segment = moved.segment
        and known.moment = moved.moment
where known.customers is distinct from moved.customers
