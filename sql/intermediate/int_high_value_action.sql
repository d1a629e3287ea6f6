-- High-value actions in the window: first purchase with a package or top-up in it, second purchase, package, top-up,
-- referral, new department.
-- Of several branches on that day the one with the most money stands for all, then the first by id; of its departments
-- likewise. Where every sale was refunded in full is no such place.
-- Grain: customer_key, action, acted_on.
with
days as (
    select customer_key, branch_key, department_key, day, revenue, sales, is_consumption
    from int_consumption_day
    where branch_key is not null
),

purchases as (
    select customer_key, first_bought_on, second_bought_on
    from int_purchase
),

second_purchases as (
    select
        days.customer_key,
        days.branch_key,
        days.department_key,
        days.day as acted_on,
        days.revenue as amount,
        days.sales > 0 as stands
    from purchases
    inner join days on purchases.customer_key = days.customer_key and purchases.second_bought_on = days.day
    where purchases.second_bought_on >= $window_start
),

departments as (
    select
        customer_key,
        department_key,
        min(day) as first_consumed_on
    from days
    where is_consumption
    group by customer_key, department_key
),

chain_customers as (
    select customer_key, first_consumed_on
    from int_customer_stage
    where scope_key = $chain_scope_key
),

new_departments as (
    select
        days.customer_key,
        days.branch_key,
        days.department_key,
        days.day as acted_on,
        days.revenue as amount,
        days.is_consumption as stands
    from departments
    inner join chain_customers on departments.customer_key = chain_customers.customer_key
    inner join days
        on
            departments.customer_key = days.customer_key
            and departments.department_key = days.department_key
            and departments.first_consumed_on = days.day
    where
        departments.first_consumed_on >= $window_start
        and departments.first_consumed_on > chain_customers.first_consumed_on
),

sale_lines as (
    select customer_key, branch_key, department_key, paid_on, amount, kind, referrer_key
    from stg_orders
    where
        is_sale
        and (kind in ('package', 'top_up') or referrer_key is not null)
        and not exists (
            select 1 from int_voided_order
            where
                int_voided_order.order_branch_key = stg_orders.order_branch_key
                and int_voided_order.order_id = stg_orders.order_id
        )
),

first_purchases as (
    select
        sale_lines.customer_key,
        sale_lines.branch_key,
        sale_lines.department_key,
        sale_lines.paid_on as acted_on,
        sale_lines.amount,
        true as stands
    from sale_lines
    inner join purchases
        on
            sale_lines.customer_key = purchases.customer_key
            and sale_lines.paid_on = purchases.first_bought_on
    where sale_lines.kind in ('package', 'top_up') and sale_lines.paid_on >= $window_start
),

-- Who comes for the first time and names somebody else.
referred as (
    select distinct
        sale_lines.customer_key,
        sale_lines.referrer_key,
        sale_lines.paid_on as acted_on
    from sale_lines
    inner join purchases
        on
            sale_lines.customer_key = purchases.customer_key
            and sale_lines.paid_on = purchases.first_bought_on
    where sale_lines.referrer_key <> sale_lines.customer_key and sale_lines.paid_on >= $window_start
),

referrals as (
    select
        referred.referrer_key as customer_key,
        days.branch_key,
        days.department_key,
        referred.acted_on,
        days.revenue as amount,
        days.sales > 0 as stands
    from referred
    inner join days on referred.customer_key = days.customer_key and referred.acted_on = days.day
    where exists (select 1 from chain_customers where chain_customers.customer_key = referred.referrer_key)
),

acts as (
    select *, 'first_purchase' as action from first_purchases
    union all
    select *, 'second_purchase' as action from second_purchases
    union all
    select *, 'new_department' as action from new_departments
    union all
    select *, 'referral' as action from referrals
    union all
    select customer_key, branch_key, department_key, paid_on as acted_on, amount, true as stands, kind as action
    from sale_lines
    where kind in ('package', 'top_up') and paid_on >= $window_start
),

places as (
    select
        customer_key,
        action,
        acted_on,
        branch_key,
        department_key,
        sum(amount) as amount,
        bool_or(stands) as stands
    from acts
    group by customer_key, action, acted_on, branch_key, department_key
),

totals as (
    select
        *,
        sum(amount) over (partition by customer_key, action, acted_on) as total,
        sum(amount) over (partition by customer_key, action, acted_on, branch_key) as branch_total
    from places
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_key, action, acted_on
            order by branch_total desc, branch_key asc, amount desc, department_key asc nulls last
        ) as place
    from totals
    where stands
)

select
    customer_key,
    action,
    acted_on,
    branch_key,
    department_key,
    total as amount
from ranked
where place = 1
