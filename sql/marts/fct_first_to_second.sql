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

days as (
    select customer_key, branch_key, department_key, day, revenue, is_consumption
    from int_consumption_day
),

-- What each branch had of the first day, and which of its departments stands for it.
branches as (
    select
        customers.customer_key,
        days.branch_key,
        min(customers.first_consumed_on) as first_consumed_on,
        min(customers.second_consumed_on) as second_consumed_on,
        sum(days.revenue) as revenue,
        first_value(days.department_key order by days.revenue desc, days.department_key asc nulls last)
        filter (where days.is_consumption) as department_key
    from customers
    inner join days on customers.customer_key = days.customer_key and customers.first_consumed_on = days.day
    group by customers.customer_key, days.branch_key
    having bool_or(days.is_consumption)
),

places as (
    select
        min(first_consumed_on) as first_consumed_on,
        min(second_consumed_on) as second_consumed_on,
        first_value(branch_key order by revenue desc, branch_key asc) as branch_key,
        first_value(department_key order by revenue desc, branch_key asc) as department_key
    from branches
    group by customer_key
),

first_timers as (
    select
        period_no($period_kind, first_consumed_on) as cohort_no,
        first_consumed_on,
        branch_key,
        department_key,
        $as_of - first_consumed_on as days_since,
        second_consumed_on - first_consumed_on as days_to_second
    from places
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
