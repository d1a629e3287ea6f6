-- First-timers by the period, branch and department of their first consumption day, and how many came again.
-- Grain: as_of, cohort_period, branch_id, department.
with
first_timers as (
    select
        period_no($period_kind, first_consumed_on) as cohort_no,
        first_consumed_on,
        branch_key,
        department_key,
        $as_of - first_consumed_on as days_since,
        second_consumed_on - first_consumed_on as days_to_second
    from int_first_visit
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    period_label($period_kind, min(first_consumed_on)) as cohort_period,
    branch_id(branch_key) as branch_id,
    department_id(department_key) as department,
    count(*) as first_timers,
    sum(case when days_to_second <= 30 then 1 else 0 end) as returned_30_days,
    sum(case when days_to_second <= 60 then 1 else 0 end) as returned_60_days,
    sum(case when days_to_second <= 90 then 1 else 0 end) as returned_90_days,
    sum(case when days_to_second > 90 then 1 else 0 end) as returned_later,
    sum(case when days_to_second is null and days_since < 90 then 1 else 0 end) as still_open,
    sum(case when days_to_second is null and days_since >= 90 then 1 else 0 end) as never_returned,
    sum(case when days_to_second > 90 or (days_to_second is null and days_since >= 90) then 1 else 0 end)
        as not_returned_90_days
from first_timers
group by cohort_no, branch_key, department_key
order by cohort_no, branch_key, department_key
