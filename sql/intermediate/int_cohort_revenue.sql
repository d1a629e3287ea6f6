-- Money per scope group, period of the customers' first consumption there, and period in which it was paid.
-- Grain: scope_key, cohort_no, period_no.
with
money as (
    select
        scope_key,
        customer_key,
        period_no($period_kind, day) as period_no,
        sum(revenue) as revenue
    from int_scope_day
    where scope_key is not null and revenue <> 0
    group by scope_key, customer_key, period_no($period_kind, day)
),

with_chain as (
    select scope_key, customer_key, period_no, revenue from money
    union all
    select $chain_scope_key as scope_key, customer_key, period_no, revenue from money
    where scope_key < $chain_scope_key
),

cohorts as (
    select
        scope_key,
        customer_key,
        period_no($period_kind, first_consumed_on) as cohort_no
    from int_customer_stage
    where first_consumed_on is not null
)

select
    cohorts.scope_key,
    cohorts.cohort_no,
    with_chain.period_no,
    sum(with_chain.revenue) as revenue
from with_chain
inner join cohorts on with_chain.scope_key = cohorts.scope_key and with_chain.customer_key = cohorts.customer_key
group by cohorts.scope_key, cohorts.cohort_no, with_chain.period_no
