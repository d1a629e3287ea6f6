-- Of the customers who first came in a period, how many came a second time, and how soon.
-- Grain: cohort_period.
select
    second_visit.*,
    second_visit.still_open = 0 as is_decided
from second_visit
