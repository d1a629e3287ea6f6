-- What each customer did per item and day up to as_of, with what was fully refunded by then taken off. Empty unless the
-- pipeline asks for the scope item.
-- Grain: customer_key, item_key, department_key, day.
with
order_lines as (
    select
        lines.customer_key,
        lines.item_key,
        lines.department_key,
        lines.paid_on as day,
        case when lines.is_counted then lines.amount else 0 end as revenue,
        case when lines.is_counted then coalesce(lines.profit, 0) else 0 end as profit,
        case when lines.is_counted and lines.profit is null then 1 else 0 end as lines_without_profit,
        case when lines.is_counted and int_voided_order.order_id is null then lines.amount else 0 end as kept_revenue,
        case when lines.is_sale and int_voided_order.order_id is null then 1 else 0 end as sales,
        case when lines.is_sale and lines.amount > 0 and int_voided_order.order_id is null then 1 else 0 end
            as paying_sales,
        case when lines.is_sale and int_voided_order.order_id is null then lines.amount else 0 end as paid,
        0 as visits,
        0 as consuming_visits
    from int_order_line as lines
    left join int_voided_order
        on
            lines.order_branch_key = int_voided_order.order_branch_key
            and lines.order_id = int_voided_order.order_id
    where $has_item_scope and lines.item_key is not null and lines.paid_on <= $as_of
),

same_day_refunds as (
    select
        customer_key,
        item_key,
        department_key,
        paid_on as day,
        cast(0 as decimal(18, 2)) as revenue,
        cast(0 as decimal(18, 2)) as profit,
        0 as lines_without_profit,
        cast(0 as decimal(18, 2)) as kept_revenue,
        0 as sales,
        0 as paying_sales,
        amount as paid,
        0 as visits,
        0 as consuming_visits
    from int_refunded_order_line as lines
    where
        $has_item_scope and item_key is not null and is_on_sale_day and not is_sale and paid_on <= $as_of
        and not exists (
            select 1 from int_voided_order
            where
                int_voided_order.order_branch_key = lines.order_branch_key
                and int_voided_order.order_id = lines.order_id
        )
),

visits as (
    select
        visits.customer_key,
        visits.item_key,
        visits.department_key,
        visits.visited_on as day,
        cast(0 as decimal(18, 2)) as revenue,
        cast(0 as decimal(18, 2)) as profit,
        0 as lines_without_profit,
        cast(0 as decimal(18, 2)) as kept_revenue,
        0 as sales,
        0 as paying_sales,
        cast(0 as decimal(18, 2)) as paid,
        case when visits.is_attended then 1 else 0 end as visits,
        case when visits.is_attended and policy_consumption.is_counted then 1 else 0 end as consuming_visits
    from stg_visits as visits
    inner join policy_consumption
        on visits.kind = policy_consumption.kind and policy_consumption.event = 'visit'
    where $has_item_scope and visits.item_key is not null and visits.visited_on <= $as_of
),

events as (
    select * from order_lines
    union all
    select * from same_day_refunds
    union all
    select * from visits
),

days as (
    select
        customer_key,
        item_key,
        department_key,
        day,
        sum(revenue) as revenue,
        sum(profit) as profit,
        sum(lines_without_profit) as lines_without_profit,
        sum(kept_revenue) as kept_revenue,
        sum(sales) as sales,
        sum(paying_sales) as paying_sales,
        sum(paid) as paid,
        sum(visits) as visits,
        sum(consuming_visits) as consuming_visits
    from events
    group by customer_key, item_key, department_key, day
)

select
    days.customer_key,
    days.item_key,
    days.department_key,
    days.day,
    cast(days.revenue as decimal(18, 2)) as revenue,
    cast(days.kept_revenue as decimal(18, 2)) as kept_revenue,
    cast(days.profit as decimal(18, 2)) as profit,
    days.lines_without_profit,
    days.visits,
    days.sales,
    days.paying_sales,
    cast(days.paid as decimal(18, 2)) as paid,
    (policy_consumption.is_counted and days.sales > 0) or days.consuming_visits > 0 as is_consumption
from days
cross join policy_consumption
where policy_consumption.event = 'order'
