-- Order lines, visits and leads as events of customers, clustered: what int_customer_day sums up.
-- Amount and profit are those of counted lines.
-- Grain: customer_key, branch_key, department_key, day; several events may share one.
with
order_lines as (
    select customer_key, branch_key, department_key, paid_on, amount, profit, is_counted, is_sale
    from int_order_line
),

visits as (
    select customer_key, branch_key, department_key, visited_on, kind, is_attended
    from stg_visits
),

counted_kinds as (
    select kind from policy_consumption
    where event = 'visit' and is_counted
),

orders_policy as (
    select is_counted as is_consumption from policy_consumption
    where event = 'order'
)

select
    order_lines.customer_key,
    order_lines.branch_key,
    order_lines.department_key,
    order_lines.paid_on as day,
    case when order_lines.is_counted then order_lines.amount end as amount,
    case when order_lines.is_counted then order_lines.profit end as profit,
    order_lines.is_counted,
    order_lines.is_sale,
    order_lines.is_sale and orders_policy.is_consumption as is_consuming_sale,
    false as is_attended,
    false as is_consuming_visit
from orders_policy
cross join order_lines
union all
select
    visits.customer_key,
    visits.branch_key,
    visits.department_key,
    visits.visited_on as day,
    cast(null as decimal(18, 2)) as amount,
    cast(null as decimal(18, 2)) as profit,
    false as is_counted,
    false as is_sale,
    false as is_consuming_sale,
    visits.is_attended,
    visits.is_attended and counted_kinds.kind is not null as is_consuming_visit
from visits
left join counted_kinds on visits.kind = counted_kinds.kind
union all
select
    customer_key,
    branch_key,
    cast(null as int) as department_key,
    created_on as day,
    cast(null as decimal(18, 2)) as amount,
    cast(null as decimal(18, 2)) as profit,
    false as is_counted,
    false as is_sale,
    false as is_consuming_sale,
    false as is_attended,
    false as is_consuming_visit
from stg_leads
