-- Of the customers who first came in a period, how many came in each period since, and what one of them has brought by
-- then.
-- Grain: cohort_period, age.
select
    cohort_period,
    age,
    activity_period,
    customers,
    retained_customers,
    revenue,
    cast(sum(revenue) over (partition by cohort_period order by age) as double) / nullif(customers, 0)
        as revenue_per_customer
from fct_cohort_retention
where as_of = $as_of and scope = 'chain' and cohort_period >= $earliest_period
order by cohort_period, age
