-- How the chain's silent and dormant customers came back within the horizon, per department, as one number: the days
-- of recency plus usual gap at which half of them do. It is the mean of these days at the baseline times the odds of
-- having come back since; a department's odds are drawn towards the chain's as if it had some customers more.
-- The row without a department is for all others, too. No rows where nobody was silent or dormant then.
-- Grain: department_key.
with
gaps as (
    select department_key, gap_days from baseline.int_usual_gap
    where department_key is not null
),

chain_gap as (
    select gap_days from baseline.int_usual_gap
    where department_key is null
),

silent as (
    select
        customers.customer_key,
        customers.department_key,
        cast(
            customers.recency_days
            + usual_gap(customers.consumed_days, coalesce(gaps.gap_days, chain_gap.gap_days))
            as decimal(18, 6)
        ) as rhythm_days
    from baseline.int_customer_stage as customers
    cross join chain_gap
    left join gaps on customers.department_key = gaps.department_key
    where customers.scope_key = $chain_scope_key and customers.stage in ('silent', 'dormant')
),

chain_customers as (
    select customer_key, last_consumed_on
    from int_customer_stage
    where scope_key = $chain_scope_key
),

departments as (
    select
        silent.department_key,
        sum(silent.rhythm_days) as rhythm_days,
        cast(count(*) as double) as customers,
        cast(sum(case when chain_customers.last_consumed_on > $baseline then 1 else 0 end) as double) as returned
    from silent
    left join chain_customers on silent.customer_key = chain_customers.customer_key
    group by silent.department_key
),

chain as (
    select
        cast(sum(rhythm_days) as double) / sum(customers) as mean_rhythm_days,
        sum(returned) / sum(customers) as return_share
    from departments
)

select
    departments.department_key,
    chain.mean_rhythm_days
    * (departments.returned + policy_risk.return_prior_customers * chain.return_share)
    / nullif(
        departments.customers - departments.returned
        + policy_risk.return_prior_customers * (1 - chain.return_share),
        0
    ) as half_return_days
from departments
cross join chain
cross join policy_risk
where departments.department_key is not null
union all
select
    cast(null as int) as department_key,
    mean_rhythm_days * return_share / nullif(1 - return_share, 0) as half_return_days
from chain
where return_share is not null
