-- What high-value actions bring, against like customers who took none: same stage at the baseline, same days compared.
-- Means are sums of decimals until the last division, so that they don't depend on the order of rows.
-- Grain: as_of, scope, scope_id, action.
with
compared as (
    select
        acts.action,
        jumps.jump,
        jumps.jump_per_30_days,
        acts.amount,
        cast(jumps.jump + acts.amount as double) * 30 / $value_days as jump_with_act,
        like_customers.median_jump,
        like_customers.mean_jump
    from int_observed_act as acts
    inner join int_customer_jump as jumps on acts.customer_key = jumps.customer_key
    left join int_like_customer as like_customers
        on acts.action = like_customers.action and jumps.stage = like_customers.stage
),

effects as (
    select
        action,
        count(*) as customers,
        median(jump_per_30_days) as median_jump,
        median(median_jump) as like_median_jump,
        median(jump_per_30_days - median_jump) as median_lift,
        cast(sum(jump) as double) / count(*) * 30 / $value_days as mean_jump,
        cast(sum(mean_jump) as double) / count(mean_jump) * 30 / $value_days as like_mean_jump,
        cast(sum(jump - mean_jump) as double) / count(mean_jump) * 30 / $value_days as mean_lift,
        median(cast(amount as double)) as median_amount,
        cast(sum(amount) as double) / count(*) as mean_amount,
        median(jump_with_act) as median_jump_with_act,
        cast(sum(jump + amount) as double) / count(*) * 30 / $value_days as mean_jump_with_act
    from compared
    group by action
),

like_customers as (
    select action, sum(customers) as customers
    from int_like_customer
    where acting_customers > 0
    group by action
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    'chain' as scope,
    '*' as scope_id,
    effects.action,
    effects.customers,
    coalesce(like_customers.customers, 0) as like_customers,
    effects.median_jump,
    effects.like_median_jump,
    effects.median_lift,
    effects.mean_jump,
    effects.like_mean_jump,
    effects.mean_lift,
    effects.median_amount,
    effects.mean_amount,
    effects.median_jump_with_act,
    effects.mean_jump_with_act
from effects
left join like_customers on effects.action = like_customers.action
order by effects.action
