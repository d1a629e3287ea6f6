-- First-timers by the period, branch and department of their first consumption day, and how many came again.
-- Grain: as_of, cohort_period, branch_id, department.
with
customers as (
    select
        customer_key,
        first_consumed_on,
        nth_day(consumed_days, 2) as second_consumed_on
    from int_customer_stage
    where scope_key = $chain_scope_key and first_consumed_on is not null
),

first_days as (
    select
        customers.customer_key,
        customers.first_consumed_on,
        customers.second_consumed_on,
        days.branch_key,
        days.department_key,
        days.revenue,
        days.is_consumption,
        sum(days.revenue) over (partition by customers.customer_key, days.branch_key) as branch_revenue
    from customers
    inner join int_consumption_day as days
        on customers.customer_key = days.customer_key and customers.first_consumed_on = days.day
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_key
            order by branch_revenue desc, branch_key asc, revenue desc, department_key asc nulls last
        ) as place
    from first_days
    where is_consumption
),

first_timers as (
    select
        period_no($period_kind, first_consumed_on) as cohort_no,
        period_label($period_kind, first_consumed_on) as cohort_period,
        branch_key,
        department_key,
        $as_of - first_consumed_on as days_since,
        second_consumed_on - first_consumed_on as days_to_second
    from ranked
    where place = 1
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    cohort_period,
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
group by cohort_no, cohort_period, branch_key, department_key
order by cohort_no, branch_key, department_key
