-- Sales in the window that tell of a high-value action: packages, top-ups, what a campaign offered, and what names who
-- referred the customer.
-- Without what was fully refunded.
-- Grain: branch_key, order_id, line_no.
with
lines as (
    select
        order_branch_key, order_id, line_no, customer_key, branch_key, department_key,
        paid_on, amount, list_amount, kind, referrer_key, campaign_id
    from stg_orders
    where
        is_sale and paid_on >= $window_start
        and (kind in ('package', 'top_up') or referrer_key is not null or campaign_id is not null)
)

select
    lines.order_id,
    lines.line_no,
    lines.customer_key,
    lines.branch_key,
    lines.department_key,
    lines.paid_on,
    lines.amount,
    lines.list_amount - lines.amount as discount,
    lines.kind,
    lines.referrer_key,
    lines.campaign_id,
    coalesce(lines.paid_on = int_purchase.first_bought_on, false) as is_first_purchase
from lines
left join int_purchase on lines.customer_key = int_purchase.customer_key
where
    not exists (
        select 1 from int_voided_order
        where
            int_voided_order.order_branch_key = lines.order_branch_key
            and int_voided_order.order_id = lines.order_id
    )
