-- The published days, for the dashboard's filter.
-- Grain: snapshot.
select
    cast(as_of as varchar) as snapshot,
    period,
    is_period_end
from dim_snapshot
