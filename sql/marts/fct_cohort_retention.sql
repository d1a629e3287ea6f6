-- Cohorts by the period of the first consumption: who came, and what they paid, in each period since.
-- Grain: as_of, scope, scope_id, cohort_period, age.
with
active as (
    select
        scope_key,
        period_no($period_kind, first_consumed_on) as cohort_no,
        unnest(period_starts($period_kind, consumed_days)) as period_start
    from int_customer_stage
    where first_consumed_on is not null
),

retained as (
    select
        scope_key,
        cohort_no,
        period_no($period_kind, period_start) as period_no,
        count(*) as customers
    from active
    group by scope_key, cohort_no, period_no($period_kind, period_start)
),

cohorts as (
    select
        scope_key,
        period_no($period_kind, first_consumed_on) as cohort_no,
        min(first_consumed_on) as first_consumed_on,
        count(*) as customers
    from int_customer_stage
    where first_consumed_on is not null
    group by scope_key, period_no($period_kind, first_consumed_on)
),

-- The calendar from the first cohort's period to the present one.
periods as (
    select
        period_no($period_kind, period_start) as period_no,
        period_label($period_kind, period_start) as period
    from (
        select unnest(period_starts($period_kind, spread_days(min(first_consumed_on), $as_of, 1))) as period_start
        from int_customer_stage
    ) as calendar
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    int_published_scope.scope,
    int_published_scope.scope_id,
    period_label($period_kind, cohorts.first_consumed_on) as cohort_period,
    periods.period_no - cohorts.cohort_no as age,
    periods.period as activity_period,
    cohorts.customers,
    coalesce(retained.customers, 0) as retained_customers,
    coalesce(int_cohort_revenue.revenue, 0) as revenue
from cohorts
inner join int_published_scope on cohorts.scope_key = int_published_scope.scope_key
inner join periods on cohorts.cohort_no <= periods.period_no
left join retained
    on
        cohorts.scope_key = retained.scope_key
        and cohorts.cohort_no = retained.cohort_no
        and periods.period_no = retained.period_no
left join int_cohort_revenue
    on
        cohorts.scope_key = int_cohort_revenue.scope_key
        and cohorts.cohort_no = int_cohort_revenue.cohort_no
        and periods.period_no = int_cohort_revenue.period_no
order by cohorts.scope_key, cohorts.cohort_no, periods.period_no
