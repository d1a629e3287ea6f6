-- A cohort consumed whole in its own period, never more of it in a later one, and is as large in every one.
with
cohorts as (
    select
        scope,
        scope_id,
        cohort_period,
        age,
        customers,
        retained_customers,
        min(customers) over (partition by scope, scope_id, cohort_period) as least_customers
    from fct_cohort_retention
)

select
    scope,
    scope_id,
    cohort_period,
    age,
    customers,
    retained_customers
from cohorts
where
    retained_customers > customers
    or (age = 0 and retained_customers <> customers)
    or age < 0
    or customers <> least_customers
