-- Sales of fully refunded orders, to be taken off the sales of their day.
-- Grain: customer_key, branch_key, department_key, day.
with
lines as (
    select order_branch_key, order_id, customer_key, branch_key, department_key, paid_on, amount
    from int_refunded_order_line
    where is_sale and paid_on <= $as_of
)

select
    lines.customer_key,
    lines.branch_key,
    lines.department_key,
    lines.paid_on as day,
    count(*) as sales,
    sum(case when lines.amount > 0 then 1 else 0 end) as paying_sales
from lines
inner join int_voided_order
    on
        lines.order_branch_key = int_voided_order.order_branch_key
        and lines.order_id = int_voided_order.order_id
group by lines.customer_key, lines.branch_key, lines.department_key, lines.paid_on
