-- Who has sessions left is neither dormant nor dead, and beyond recall are only the dead.
select
    scope,
    scope_id,
    customer_id,
    stage,
    is_beyond_recall,
    package_sessions_left
from fct_lifecycle_snapshot
where
    (package_sessions_left > 0 and stage in ('dormant', 'dead'))
    or (is_beyond_recall and stage <> 'dead')
