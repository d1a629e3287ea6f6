-- Of the customers who first came in a period, how many came a second time, and how soon.
-- Grain: cohort_period.
select
    cohort_period,
    sum(first_timers) as first_timers,
    sum(returned_30_days) as returned_30_days,
    sum(returned_60_days) as returned_60_days,
    sum(returned_90_days) as returned_90_days,
    sum(returned_later) as returned_later,
    sum(still_open) as still_open,
    sum(never_returned) as never_returned
from fct_first_to_second
where as_of = $as_of and cohort_period >= $earliest_period
group by cohort_period
order by cohort_period
