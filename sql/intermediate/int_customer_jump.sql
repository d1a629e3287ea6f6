-- How each customer's spending changed from the days before the baseline to those after the days of action, with the
-- stage that they had at the baseline.
-- Grain: customer_key.
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
    from int_customer_day
    where day <= $as_of and day > $baseline - $value_days and revenue <> 0
    group by customer_key
)

select
    customers.customer_key,
    customers.stage,
    cast(coalesce(money.after - money.before, 0) as decimal(18, 2)) as jump,
    cast(coalesce(money.after - money.before, 0) as double) * 30 / $value_days as jump_per_30_days
from customers
left join money on customers.customer_key = money.customer_key
