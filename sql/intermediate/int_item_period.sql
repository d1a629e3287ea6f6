-- What each customer bought and came for, per item and branch, in this period and the one before (run_slot). No day of
-- these lies before $second_closed_start.
-- Grain: slot, branch_key, item_key, customer_key.
with
sales as (
    select
        lines.branch_key,
        lines.item_key,
        lines.customer_key,
        lines.paid_on as day,
        lines.amount as revenue,
        case when lines.is_sale and lines.amount > 0 and int_voided_order.order_id is null then 1 else 0 end
            as paying_sales,
        case when lines.is_sale and int_voided_order.order_id is null then lines.amount else 0 end as paid,
        0 as visits
    from stg_orders as lines
    left join int_voided_order
        on
            lines.order_branch_key = int_voided_order.order_branch_key
            and lines.order_id = int_voided_order.order_id
    where lines.is_counted and lines.item_key is not null and lines.paid_on >= $second_closed_start
),

same_day_refunds as (
    select
        branch_key,
        item_key,
        customer_key,
        paid_on as day,
        cast(0 as decimal(18, 2)) as revenue,
        0 as paying_sales,
        amount as paid,
        0 as visits
    from int_refunded_order_line as lines
    where
        item_key is not null and is_on_sale_day and not is_sale
        and paid_on <= $as_of and paid_on >= $second_closed_start
        and not exists (
            select 1 from int_voided_order
            where
                int_voided_order.order_branch_key = lines.order_branch_key
                and int_voided_order.order_id = lines.order_id
        )
),

visits as (
    select
        branch_key,
        item_key,
        customer_key,
        visited_on as day,
        cast(0 as decimal(18, 2)) as revenue,
        0 as paying_sales,
        cast(0 as decimal(18, 2)) as paid,
        1 as visits
    from stg_visits
    where is_attended and item_key is not null and visited_on >= $second_closed_start
),

events as (
    select * from sales
    union all
    select * from same_day_refunds
    union all
    select * from visits
),

days as (
    select
        branch_key,
        item_key,
        customer_key,
        day,
        sum(revenue) as revenue,
        sum(paid) as paid,
        sum(visits) as visits,
        max(paying_sales) as is_paying
    from events
    group by branch_key, item_key, customer_key, day
)

select
    int_slot_day.slot,
    days.branch_key,
    days.item_key,
    days.customer_key,
    sum(days.revenue) as revenue,
    sum(days.paid) as paid,
    sum(days.visits) as visits,
    sum(days.is_paying) as buying_days,
    max(case when days.is_paying > 0 then days.day end) as last_bought_on
from days
inner join int_slot_day on days.day = int_slot_day.day
where int_slot_day.slot in ('current', 'previous')
group by int_slot_day.slot, days.branch_key, days.item_key, days.customer_key
