-- Money per scope group but the chain, period in which it was paid, and periods of the customers' first consumption:
-- there, and in the chain. One pass over the days thus tells the money of both.
-- Grain: scope_key, cohort_no, chain_cohort_no, period_no.
with
days as (
    select scope_key, customer_key, day, revenue from int_scope_day
    where scope_key is not null and revenue <> 0
),

cohorts as (
    select scope_key, customer_key, first_consumed_on from int_customer_stage
    where scope_key <> $chain_scope_key and first_consumed_on is not null
),

chain_cohorts as (
    select customer_key, first_consumed_on from int_customer_stage
    where scope_key = $chain_scope_key and first_consumed_on is not null
),

money as (
    select
        days.scope_key,
        period_no($period_kind, cohorts.first_consumed_on) as cohort_no,
        period_no($period_kind, chain_cohorts.first_consumed_on) as chain_cohort_no,
        period_no($period_kind, days.day) as period_no,
        days.revenue
    from days
    inner join chain_cohorts on days.customer_key = chain_cohorts.customer_key
    left join cohorts on days.scope_key = cohorts.scope_key and days.customer_key = cohorts.customer_key
)

select
    scope_key,
    cohort_no,
    chain_cohort_no,
    period_no,
    sum(revenue) as revenue
from money
group by scope_key, cohort_no, chain_cohort_no, period_no
