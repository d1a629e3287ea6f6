-- Every first-timer came again in time, later, not yet, or never; and everyone who has consumed was a first-timer once.
with
cohorts as (
    select
        cohort_period,
        branch_id,
        department,
        first_timers,
        returned_30_days,
        returned_60_days,
        returned_90_days,
        returned_later,
        still_open,
        never_returned
    from fct_first_to_second
),

totals as (
    select coalesce(sum(first_timers), 0) as first_timers from cohorts
),

consumers as (
    select count(*) as consumers from int_customer_stage
    where scope_key = $chain_scope_key and first_consumed_on is not null
)

select
    cohort_period,
    branch_id,
    department,
    first_timers,
    returned_90_days + returned_later + still_open + never_returned as told_apart
from cohorts
where
    first_timers <> returned_90_days + returned_later + still_open + never_returned
    or returned_30_days > returned_60_days
    or returned_60_days > returned_90_days
union all
select
    'all' as cohort_period,
    null as branch_id,
    null as department,
    totals.first_timers,
    consumers.consumers as told_apart
from totals
cross join consumers
where totals.first_timers <> consumers.consumers
