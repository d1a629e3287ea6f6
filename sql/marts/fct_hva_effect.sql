-- What high-value actions bring, against like customers of the chain who took none: those who were in the same stage at
-- the baseline, on the same side of its median of recency and of money, over the same days.
-- Means are sums of decimals until the last division, so that they don't depend on the order of rows. The interval of
-- the mean lift is that of the normal approximation, of 30 customers or more: the variance of their lifts, and of the
-- means that they are told from.
-- Grain: as_of, scope, scope_id, action.
with
compared as (
    select
        acts.scope_key,
        acts.action,
        jumps.stage,
        jumps.is_recent,
        jumps.is_valuable,
        jumps.jump,
        jumps.jump_per_30_days,
        acts.amount,
        cast(jumps.jump + acts.amount as double) * 30 / $value_days as jump_with_act,
        like_customers.customers as like_customers,
        like_customers.median_jump,
        like_customers.mean_jump,
        like_customers.jump_variance
    from int_observed_act as acts
    inner join int_customer_jump as jumps on acts.customer_key = jumps.customer_key
    left join int_like_customer as like_customers
        on
            acts.action = like_customers.action
            and jumps.stage = like_customers.stage
            and jumps.is_recent = like_customers.is_recent
            and jumps.is_valuable = like_customers.is_valuable
),

effects as (
    select
        scope_key,
        action,
        count(*) as customers,
        count(mean_jump) as compared_customers,
        median(jump_per_30_days) as median_jump,
        median(median_jump) as like_median_jump,
        median(jump_per_30_days - median_jump) as median_lift,
        cast(sum(jump) as double) / count(*) * 30 / $value_days as mean_jump,
        cast(sum(mean_jump) as double) / count(mean_jump) * 30 / $value_days as like_mean_jump,
        cast(sum(jump - mean_jump) as double) as lift,
        median(cast(amount as double)) as median_amount,
        cast(sum(amount) as double) / count(*) as mean_amount,
        median(jump_with_act) as median_jump_with_act,
        cast(sum(jump + amount) as double) / count(*) * 30 / $value_days as mean_jump_with_act
    from compared
    group by scope_key, action
),

like_groups as (
    select
        scope_key,
        action,
        like_customers,
        cast(cast(count(*) as double) * count(*) * jump_variance / like_customers as decimal(38, 8)) as squared_error,
        cast(
            cast(sum(jump * jump) as double) - 2 * cast(mean_jump as double) * cast(sum(jump) as double)
            + count(*) * cast(mean_jump as double) * cast(mean_jump as double)
            as decimal(38, 8)
        ) as squared_lift
    from compared
    where like_customers is not null
    group by scope_key, action, stage, is_recent, is_valuable, like_customers, jump_variance, mean_jump
),

like_customers as (
    select
        scope_key,
        action,
        sum(like_customers) as customers,
        cast(sum(squared_error) as double) as squared_error,
        cast(sum(squared_lift) as double) as squared_lift
    from like_groups
    group by scope_key, action
),

reaching as (
    select
        effects.*,
        effects.lift / nullif(effects.compared_customers, 0) * 30 / $value_days as mean_lift,
        coalesce(like_customers.customers, 0) as like_customers,
        case
            when effects.compared_customers >= 30
                then
                    1.959963984540054 * 30 / $value_days * sqrt(
                        greatest(
                            like_customers.squared_lift - effects.lift * effects.lift / effects.compared_customers, 0
                        ) / (effects.compared_customers - 1) / effects.compared_customers
                        + like_customers.squared_error / effects.compared_customers / effects.compared_customers
                    )
        end as mean_lift_reach
    from effects
    left join like_customers
        on effects.scope_key = like_customers.scope_key and effects.action = like_customers.action
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    int_published_scope.scope,
    int_published_scope.scope_id,
    reaching.action,
    reaching.customers,
    reaching.compared_customers,
    reaching.like_customers,
    reaching.median_jump,
    reaching.like_median_jump,
    reaching.median_lift,
    reaching.mean_jump,
    reaching.like_mean_jump,
    reaching.mean_lift,
    reaching.mean_lift - reaching.mean_lift_reach as mean_lift_low,
    reaching.mean_lift + reaching.mean_lift_reach as mean_lift_high,
    reaching.median_amount,
    reaching.mean_amount,
    reaching.median_jump_with_act,
    reaching.mean_jump_with_act
from reaching
inner join int_published_scope on reaching.scope_key = int_published_scope.scope_key
order by reaching.scope_key, reaching.action
