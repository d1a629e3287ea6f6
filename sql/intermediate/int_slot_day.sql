-- The days of the spans that are compared (run_slot): rows are joined with a slot by their very day.
-- Grain: slot, day.
select
    slot,
    unnest(spread_days(starts_on, ends_on, 1)) as day
from run_slot
