-- Money per scope group, period of the customers' first consumption there, and period in which it was paid.
-- Grain: scope_key, cohort_no, period_no.
with
money as (
    select
        customer_key,
        branch_key,
        period_no($period_kind, day) as period_no,
        sum(revenue) as revenue
    from int_consumption_day
    where branch_key is not null and revenue <> 0
    group by customer_key, branch_key, period_no($period_kind, day)
),

cohorts as (
    select
        scope_key,
        customer_key,
        period_no($period_kind, first_consumed_on) as cohort_no
    from int_customer_stage
    where first_consumed_on is not null
),

branch_money as (
    select
        cohorts.scope_key,
        cohorts.cohort_no,
        money.period_no,
        money.revenue
    from money
    inner join cohorts on money.branch_key = cohorts.scope_key and money.customer_key = cohorts.customer_key
),

chain_money as (
    select
        cohorts.scope_key,
        cohorts.cohort_no,
        money.period_no,
        money.revenue
    from money
    inner join cohorts on money.customer_key = cohorts.customer_key
    where cohorts.scope_key = $chain_scope_key
),

scoped as (
    select * from branch_money
    union all
    select * from chain_money
)

select
    scope_key,
    cohort_no,
    period_no,
    sum(revenue) as revenue
from scoped
group by scope_key, cohort_no, period_no
