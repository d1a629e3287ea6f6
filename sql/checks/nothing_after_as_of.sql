-- Nothing that a snapshot tells happened after its day, and recency is counted from it.
select
    scope,
    scope_id,
    customer_id,
    known_on,
    first_consumed_on,
    last_consumed_on,
    recency_days
from fct_lifecycle_snapshot
where
    known_on > as_of
    or last_consumed_on > as_of
    or first_consumed_on > last_consumed_on
    or first_consumed_on < known_on
    or recency_days <> as_of - last_consumed_on
