-- What a customer has brought by the end of each period since the first visit, by the period of that visit, and by
-- channel or department.
-- Grain: as_of, cohort_period, split_by, split_value, age.
with
heads as (
    select
        cohort_no,
        channel,
        department_key,
        min(first_consumed_on) as first_consumed_on,
        count(*) as customers
    from int_value_customer
    group by cohort_no, channel, department_key
),

cohorts as (
    select
        cohort_no,
        'channel' as split_by,
        channel as split_value,
        min(first_consumed_on) as first_consumed_on,
        sum(customers) as customers
    from heads
    where $has_leads
    group by cohort_no, channel
    union all
    select
        cohort_no,
        'department' as split_by,
        department_id(department_key) as split_value,
        min(first_consumed_on) as first_consumed_on,
        sum(customers) as customers
    from heads
    group by cohort_no, department_key
),

money as (
    select
        cohort_no,
        period_no,
        'channel' as split_by,
        channel as split_value,
        sum(revenue) as revenue,
        sum(profit) as profit,
        sum(lines_without_profit) as lines_without_profit
    from int_value_part
    group by cohort_no, period_no, channel
    union all
    select
        cohort_no,
        period_no,
        'department' as split_by,
        department_id(department_key) as split_value,
        sum(revenue) as revenue,
        sum(profit) as profit,
        sum(lines_without_profit) as lines_without_profit
    from int_value_part
    group by cohort_no, period_no, department_key
),

-- The calendar from the first cohort's period to the present one.
periods as (
    select
        period_no($period_kind, period_start) as period_no,
        period_label($period_kind, period_start) as period
    from (
        select unnest(period_starts($period_kind, spread_days(min(first_consumed_on), $as_of, 1))) as period_start
        from cohorts
    ) as calendar
),

ages as (
    select
        cohorts.cohort_no,
        cohorts.first_consumed_on,
        cohorts.split_by,
        cohorts.split_value,
        cohorts.customers,
        periods.period_no,
        periods.period,
        coalesce(money.revenue, 0) as revenue,
        coalesce(money.profit, 0) as profit,
        coalesce(money.lines_without_profit, 0) as lines_without_profit
    from cohorts
    inner join periods on cohorts.cohort_no <= periods.period_no
    left join money
        on
            cohorts.cohort_no = money.cohort_no
            and periods.period_no = money.period_no
            and cohorts.split_by = money.split_by
            and cohorts.split_value is not distinct from money.split_value
),

curves as (
    select
        cohort_no,
        first_consumed_on,
        split_by,
        split_value,
        customers,
        period_no,
        period,
        sum(revenue) over (partition by cohort_no, split_by, split_value order by period_no) as revenue,
        sum(profit) over (partition by cohort_no, split_by, split_value order by period_no) as profit,
        sum(lines_without_profit) over (partition by cohort_no, split_by, split_value order by period_no)
            as lines_without_profit
    from ages
),

known as (
    select
        *,
        case when lines_without_profit = 0 then profit end as known_profit
    from curves
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    period_label($period_kind, first_consumed_on) as cohort_period,
    split_by,
    split_value,
    period_no - cohort_no as age,
    period as activity_period,
    customers,
    cast(revenue as decimal(18, 2)) as cumulative_revenue,
    cast(known_profit as decimal(18, 2)) as cumulative_profit,
    cast(revenue as double) / customers as revenue_per_customer,
    cast(known_profit as double) / customers as profit_per_customer
from known
order by cohort_no, split_by, split_value, age
