-- What is to be taken off the sales of a day: those of fully refunded orders, and of other orders what was paid back on
-- the very day of the sale. Revenue is all that the fully refunded orders took and gave back on the day.
-- Grain: customer_key, branch_key, department_key, day.
with
lines as (
    select
        order_branch_key, order_id, customer_key, branch_key, department_key, paid_on, amount, is_sale, is_on_sale_day
    from int_refunded_order_line
    where paid_on <= $as_of
),

judged as (
    select
        lines.*,
        int_voided_order.order_id is not null as is_voided
    from lines
    left join int_voided_order
        on
            lines.order_branch_key = int_voided_order.order_branch_key
            and lines.order_id = int_voided_order.order_id
)

select
    customer_key,
    branch_key,
    department_key,
    paid_on as day,
    cast(sum(case when is_voided then amount else 0 end) as decimal(18, 2)) as revenue,
    sum(case when is_sale then 1 else 0 end) as sales,
    sum(case when is_sale and amount > 0 then 1 else 0 end) as paying_sales,
    cast(sum(case when is_sale or not is_voided then abs(amount) else 0 end) as decimal(18, 2)) as paid
from judged
where is_voided or (is_on_sale_day and not is_sale)
group by customer_key, branch_key, department_key, paid_on
