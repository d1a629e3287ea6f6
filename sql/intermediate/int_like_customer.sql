-- Customers of the chain who did not take a high-value action, by what they were like at the baseline: how many, how
-- their spending changed, and how far apart they are in that. Two at least: of a single one nobody knows how far.
-- Means are sums of decimals until the last division, so that they don't depend on the order of rows.
-- Grain: action, stage, is_recent, is_valuable.
with
acts as (
    select customer_key, action
    from int_observed_act
    where scope_key = $chain_scope_key
),

actions as (
    select distinct action from acts
),

observed as (
    select
        actions.action,
        jumps.stage,
        jumps.is_recent,
        jumps.is_valuable,
        jumps.jump,
        jumps.jump_per_30_days
    from int_customer_jump as jumps
    cross join actions
    left join acts on jumps.customer_key = acts.customer_key and actions.action = acts.action
    where acts.customer_key is null
),

groups as (
    select
        action,
        stage,
        is_recent,
        is_valuable,
        count(*) as customers,
        median(jump_per_30_days) as median_jump,
        sum(jump) as jump,
        cast(sum(jump * jump) as double) as squared_jump
    from observed
    group by action, stage, is_recent, is_valuable
)

select
    action,
    stage,
    is_recent,
    is_valuable,
    customers,
    median_jump,
    cast(cast(jump as double) / customers as decimal(30, 12)) as mean_jump,
    greatest(squared_jump - cast(jump as double) * jump / customers, 0) / (customers - 1) as jump_variance
from groups
where customers >= 2
