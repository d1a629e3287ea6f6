-- What high-value actions bring, against like customers who took none: same stage at the baseline, same days compared.
-- Means are sums of decimals until the last division, so that they don't depend on the order of rows.
-- Grain: as_of, scope, scope_id, action.
with
customers as (
    select customer_key, stage
    from baseline.int_customer_stage
    where scope_key = $chain_scope_key and last_consumed_on is not null
),

money as (
    select
        customer_key,
        sum(case when day <= $baseline then revenue else 0 end) as before,
        sum(case when day > $action_until then revenue else 0 end) as after
    from int_consumption_day
    where day > $baseline - $value_days
    group by customer_key
),

jumps as (
    select
        customers.customer_key,
        customers.stage,
        cast(coalesce(money.after - money.before, 0) as decimal(18, 2)) as jump,
        cast(coalesce(money.after - money.before, 0) as double) * 30 / $value_days as jump_per_30_days
    from customers
    left join money on customers.customer_key = money.customer_key
),

acts as (
    select
        customer_key,
        action,
        sum(amount) as amount
    from int_high_value_action
    where acted_on > $baseline and acted_on <= $action_until
    group by customer_key, action
),

actions as (
    select distinct action from acts
),

observed as (
    select
        actions.action,
        jumps.stage,
        jumps.jump,
        jumps.jump_per_30_days,
        acts.amount,
        acts.customer_key is not null as has_acted
    from jumps
    cross join actions
    left join acts on jumps.customer_key = acts.customer_key and actions.action = acts.action
),

stages as (
    select
        action,
        stage,
        count(*) as customers,
        median(jump_per_30_days) as median_jump,
        cast(cast(sum(jump) as double) / count(*) as decimal(24, 8)) as mean_jump
    from observed
    where not has_acted
    group by action, stage
),

compared as (
    select
        observed.action,
        observed.stage,
        observed.jump,
        observed.jump_per_30_days,
        observed.amount,
        cast(observed.jump + observed.amount as double) * 30 / $value_days as jump_with_act,
        stages.median_jump,
        stages.mean_jump
    from observed
    left join stages on observed.action = stages.action and observed.stage = stages.stage
    where observed.has_acted
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
    from stages
    where
        exists (
            select 1 from compared
            where compared.action = stages.action and compared.stage = stages.stage
        )
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
