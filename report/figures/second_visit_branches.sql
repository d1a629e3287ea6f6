-- Where first-timers are lost: by branch, those of the last year whose 90 days are over.
-- Grain: branch_id.
with
decided as (
    select cohort_period
    from fct_first_to_second
    where as_of = $as_of and cohort_period >= $year_before_period
    group by cohort_period
    having sum(still_open) = 0
)

select
    fct_first_to_second.branch_id,
    sum(fct_first_to_second.first_timers) as first_timers,
    sum(fct_first_to_second.returned_90_days) as returned_90_days,
    sum(fct_first_to_second.not_returned_90_days) as not_returned_90_days
from fct_first_to_second
inner join decided on fct_first_to_second.cohort_period = decided.cohort_period
where fct_first_to_second.as_of = $as_of
group by fct_first_to_second.branch_id
order by fct_first_to_second.branch_id
