-- Of the chain's customers who were silent or dormant at the baseline, the share that came back since: by department,
-- recency in steps of 30 days, and number of consumption days (1 to 4 or more). Shares of few are drawn towards those
-- of the wider group (all departments, then all numbers of days, then all steps) as if that were 20 more customers.
-- No rows where nobody was silent or dormant then.
-- Grain: department_key, recency_step, days_class.
with
silent as (
    select
        customer_key,
        department_key,
        recency_days / 30 as recency_step,
        least(day_count(consumed_days), 4) as days_class
    from baseline.int_customer_stage
    where scope_key = $chain_scope_key and stage in ('silent', 'dormant')
),

chain_customers as (
    select customer_key, last_consumed_on
    from int_customer_stage
    where scope_key = $chain_scope_key
),

observed as (
    select
        silent.department_key,
        silent.recency_step,
        silent.days_class,
        cast(count(*) as double) as customers,
        cast(sum(case when chain_customers.last_consumed_on > $baseline then 1 else 0 end) as double) as returned
    from silent
    left join chain_customers on silent.customer_key = chain_customers.customer_key
    group by silent.department_key, silent.recency_step, silent.days_class
),

-- Everybody who needs a share today finds one, whoever was there then.
needed as (
    select distinct
        department_key,
        recency_days / 30 as recency_step,
        least(day_count(consumed_days), 4) as days_class
    from int_customer_stage
    where stage in ('silent', 'dormant')
),

chain_share as (
    select sum(returned) / sum(customers) as share from observed
),

step_observed as (
    select recency_step, sum(customers) as customers, sum(returned) as returned from observed
    group by recency_step
),

class_observed as (
    select recency_step, days_class, sum(customers) as customers, sum(returned) as returned from observed
    group by recency_step, days_class
),

step_shares as (
    select
        needed.department_key,
        needed.recency_step,
        needed.days_class,
        (coalesce(step_observed.returned, 0) + 20 * chain_share.share) / (coalesce(step_observed.customers, 0) + 20)
            as share
    from needed
    inner join chain_share on chain_share.share is not null
    left join step_observed on needed.recency_step = step_observed.recency_step
),

class_shares as (
    select
        step_shares.department_key,
        step_shares.recency_step,
        step_shares.days_class,
        (coalesce(class_observed.returned, 0) + 20 * step_shares.share) / (coalesce(class_observed.customers, 0) + 20)
            as share
    from step_shares
    left join class_observed
        on
            step_shares.recency_step = class_observed.recency_step
            and step_shares.days_class = class_observed.days_class
)

select
    class_shares.department_key,
    class_shares.recency_step,
    class_shares.days_class,
    (coalesce(observed.returned, 0) + 20 * class_shares.share) / (coalesce(observed.customers, 0) + 20) as return_share
from class_shares
left join observed
    on
        class_shares.recency_step = observed.recency_step
        and class_shares.days_class = observed.days_class
        and class_shares.department_key is not distinct from observed.department_key
