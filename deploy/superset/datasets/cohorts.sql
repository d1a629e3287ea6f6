-- Of the customers who first came in a period, how many came in each period since.
-- Grain: cohort_period, age.
select
    cohorts.cohort_period,
    cohorts.age,
    cohorts.customers,
    cohorts.retained_customers,
    cohorts.revenue,
    cohorts.activity_period < $period or $is_period_end as is_over,
    dense_rank() over (order by cohorts.cohort_period desc) <= 18 and cohorts.age between 1 and 12 as is_recent
from cohorts
