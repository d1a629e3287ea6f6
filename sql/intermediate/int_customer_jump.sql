-- How each customer's spending changed from the days before the baseline to those after the days of action, with what
-- they were like at the baseline: their stage, and on which side of its customers' median of recency and of money.
-- Grain: customer_key.
with
customers as (
    select
        customer_key,
        stage,
        cast(recency_days as double) as recency_days,
        cast(monetary as double) as monetary
    from baseline.int_customer_stage
    where scope_key = $chain_scope_key and last_consumed_on is not null
),

stages as (
    select
        stage,
        median(recency_days) as recency_days,
        median(monetary) as monetary
    from customers
    group by stage
),

money as (
    select
        customer_key,
        sum(case when day <= $baseline then revenue else 0 end) as before,
        sum(case when day > $action_until then revenue else 0 end) as after
    from int_customer_day
    where day <= $as_of and day > $baseline - $value_days and revenue <> 0
    group by customer_key
)

select
    customers.customer_key,
    customers.stage,
    customers.recency_days <= stages.recency_days as is_recent,
    customers.monetary >= stages.monetary as is_valuable,
    cast(coalesce(money.after - money.before, 0) as decimal(18, 2)) as jump,
    cast(coalesce(money.after - money.before, 0) as double) * 30 / $value_days as jump_per_30_days
from customers
inner join stages on customers.stage = stages.stage
left join money on customers.customer_key = money.customer_key
