-- Customers who did not take a high-value action, by the stage that they had at the baseline: how many, and how their
-- spending changed; and how many of the stage did.
-- Means are sums of decimals until the last division, so that they don't depend on the order of rows.
-- Grain: action, stage.
with
actions as (
    select distinct action from int_observed_act
),

observed as (
    select
        actions.action,
        jumps.stage,
        jumps.jump,
        jumps.jump_per_30_days,
        acts.customer_key is not null as has_acted
    from int_customer_jump as jumps
    cross join actions
    left join int_observed_act as acts on jumps.customer_key = acts.customer_key and actions.action = acts.action
),

stages as (
    select
        action,
        stage,
        sum(case when has_acted then 0 else 1 end) as customers,
        sum(case when has_acted then 1 else 0 end) as acting_customers,
        median(jump_per_30_days) filter (where not has_acted) as median_jump,
        sum(jump) filter (where not has_acted) as jump
    from observed
    group by action, stage
)

select
    action,
    stage,
    customers,
    acting_customers,
    median_jump,
    cast(cast(jump as double) / customers as decimal(24, 8)) as mean_jump
from stages
where customers > 0
