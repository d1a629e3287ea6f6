-- A cohort's curves rise from one period to the next by what its customers paid in it, have the same customers at every
-- age, and these are the cohort.
with
curves as (
    select
        split_by,
        cohort_period,
        age,
        sum(customers) as customers,
        sum(cumulative_revenue) as revenue
    from fct_value_curve
    group by split_by, cohort_period, age
),

steps as (
    select
        split_by,
        cohort_period,
        age,
        customers,
        revenue - lag(revenue) over (partition by split_by, cohort_period order by age) as revenue
    from curves
)

select
    steps.split_by,
    cohorts.cohort_period,
    cohorts.age,
    steps.customers,
    cohorts.customers as cohort_customers,
    steps.revenue,
    cohorts.revenue as cohort_revenue
from fct_cohort_retention as cohorts
left join steps on cohorts.cohort_period = steps.cohort_period and cohorts.age = steps.age
where
    cohorts.scope = 'chain'
    and (
        steps.revenue <> cohorts.revenue
        or (cohorts.age > 0 and steps.revenue is null)
        or steps.customers is distinct from cohorts.customers
    )
