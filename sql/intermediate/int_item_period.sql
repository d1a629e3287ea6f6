-- What each customer bought and came for, per item and branch, in this period and the one before (run_slot).
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
    where lines.is_counted and lines.item_key is not null
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
        item_key is not null and is_on_sale_day and not is_sale and paid_on <= $as_of
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
    where is_attended and item_key is not null
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
        run_slot.slot,
        events.branch_key,
        events.item_key,
        events.customer_key,
        events.day,
        sum(events.revenue) as revenue,
        sum(events.paid) as paid,
        sum(events.visits) as visits,
        max(events.paying_sales) as is_paying
    from events
    inner join run_slot on events.day between run_slot.starts_on and run_slot.ends_on
    where run_slot.slot in ('current', 'previous')
    group by run_slot.slot, events.branch_key, events.item_key, events.customer_key, events.day
)

select
    slot,
    branch_key,
    item_key,
    customer_key,
    sum(revenue) as revenue,
    sum(paid) as paid,
    sum(visits) as visits,
    sum(is_paying) as buying_days
from days
group by slot, branch_key, item_key, customer_key
