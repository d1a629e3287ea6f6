-- The first consumption day of each customer of the chain, when they came again, and the branch and department that the
-- first day counts for: the branch with the most money, then the first by id; there the department, likewise.
-- Grain: customer_key.
with
customers as (
    select
        customer_key,
        first_consumed_on,
        nth_day(consumed_days, 2) as second_consumed_on
    from int_customer_stage
    where scope_key = $chain_scope_key and first_consumed_on is not null
),

days as (
    select customer_key, branch_key, department_key, day, revenue, is_consumption
    from int_consumption_day
),

-- What each branch had of the first day, and which of its departments stands for it.
branches as (
    select
        customers.customer_key,
        days.branch_key,
        min(customers.first_consumed_on) as first_consumed_on,
        min(customers.second_consumed_on) as second_consumed_on,
        sum(days.revenue) as revenue,
        first_value(days.department_key order by days.revenue desc, days.department_key asc nulls last)
        filter (where days.is_consumption) as department_key
    from customers
    inner join days on customers.customer_key = days.customer_key and customers.first_consumed_on = days.day
    group by customers.customer_key, days.branch_key
    having bool_or(days.is_consumption)
)

select
    customer_key,
    min(first_consumed_on) as first_consumed_on,
    min(second_consumed_on) as second_consumed_on,
    first_value(branch_key order by revenue desc, branch_key asc) as branch_key,
    first_value(department_key order by revenue desc, branch_key asc) as department_key
from branches
group by customer_key
