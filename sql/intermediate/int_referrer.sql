-- Who brought each customer, and when: whom the first purchase names; of several the first by id. Nobody brings
-- themselves.
-- Grain: customer_key.
with
lines as (
    select order_branch_key, order_id, customer_key, paid_on, referrer_key
    from stg_orders
    where is_sale and referrer_key is not null and referrer_key <> customer_key
)

select
    lines.customer_key,
    min(lines.referrer_key) as referrer_key,
    min(lines.paid_on) as referred_on
from lines
inner join int_purchase
    on lines.customer_key = int_purchase.customer_key and lines.paid_on = int_purchase.first_bought_on
where
    not exists (
        select 1 from int_voided_order
        where
            int_voided_order.order_branch_key = lines.order_branch_key
            and int_voided_order.order_id = lines.order_id
    )
group by lines.customer_key
