-- Packages as bought, whatever became of them.
-- Grain: order_branch_key, order_id.
with
packages as (
    select
        order_branch_key, order_id, customer_key, branch_key, department_key, item_key, paid_on, package_sessions,
        amount
    from stg_orders
    where is_sale and kind = 'package' and package_sessions > 0
)

select
    order_branch_key,
    order_id,
    min(customer_key) as customer_key,
    min(branch_key) as branch_key,
    min(department_key) as department_key,
    min(item_key) as item_key,
    min(paid_on) as paid_on,
    sum(package_sessions) as sessions,
    sum(amount) as amount
from packages
group by order_branch_key, order_id
