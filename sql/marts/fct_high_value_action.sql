-- The ledger of high-value actions, with the customer's spending before and after each, and the act's own money beside
-- them. Sums are decimals until the last division.
-- Grain: as_of, customer_id, action, acted_on, brought_customer_id.
with
acts as (
    select customer_key, action, acted_on, brought_key, branch_key, department_key, amount, discount, campaign_id
    from int_high_value_action
),

-- Several acts of a day have the same spending beside them.
act_days as (
    select distinct customer_key, acted_on from acts
),

money as (
    select customer_key, day, revenue
    from int_customer_day
    where day <= $as_of and day >= $window_start - $value_days and revenue <> 0
),

spending as (
    select
        act_days.customer_key,
        act_days.acted_on,
        sum(case when money.day < act_days.acted_on then money.revenue else 0 end) as before,
        sum(case when money.day > act_days.acted_on then money.revenue else 0 end) as after
    from act_days
    inner join money
        on
            act_days.customer_key = money.customer_key
            and money.day between act_days.acted_on - $value_days and act_days.acted_on + $value_days
    group by act_days.customer_key, act_days.acted_on
),

observed as (
    select
        acts.*,
        coalesce(spending.before, 0) as before,
        case when acts.acted_on + $value_days <= $as_of then coalesce(spending.after, 0) end as after
    from acts
    left join spending on acts.customer_key = spending.customer_key and acts.acted_on = spending.acted_on
),

valued as (
    select
        *,
        cast(before as double) * 30 / $value_days as value_before,
        cast(after as double) * 30 / $value_days as value_after,
        cast(after + amount as double) * 30 / $value_days as value_with_act,
        cast(after + amount - before as double) * 30 / $value_days as jump_with_act
    from observed
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    customer_id(customer_key) as customer_id,
    action,
    acted_on,
    branch_id(branch_key) as branch_id,
    department_id(department_key) as department,
    campaign_id,
    customer_id(brought_key) as brought_customer_id,
    amount,
    cast(discount as decimal(18, 2)) as discount,
    value_before,
    value_after,
    value_after - value_before as value_jump,
    value_with_act,
    jump_with_act
from valued
order by customer_key, action, acted_on, brought_key
