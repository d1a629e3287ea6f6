-- What each member of staff sold at each branch in this period, and in the one before up to the same day of it. What
-- names nobody has a row of its own, so that a branch's rows add up to its revenue. Without any staff there is no row.
-- Grain: as_of, branch_id, staff_id.
with
slot_days as (
    select slot, day from int_slot_day
    where slot in ('current', 'previous')
),

lines as (
    select order_branch_key, order_id, branch_key, staff_id, customer_key, paid_on, amount, is_sale
    from stg_orders
    where is_counted and paid_on >= $compared_from
),

sold as (
    select
        slot_days.slot,
        lines.branch_key,
        lines.staff_id,
        lines.customer_key,
        lines.paid_on,
        lines.amount as revenue,
        case when lines.is_sale and int_voided_order.order_id is null then lines.amount end as paid
    from lines
    inner join slot_days on lines.paid_on = slot_days.day
    left join int_voided_order
        on
            lines.order_branch_key = int_voided_order.order_branch_key
            and lines.order_id = int_voided_order.order_id
),

-- Of orders that stand, what was paid back on the very day of the sale.
paid_back as (
    select
        slot_days.slot,
        refunds.branch_key,
        refunds.staff_id,
        refunds.customer_key,
        refunds.paid_on,
        cast(0 as decimal(18, 2)) as revenue,
        refunds.amount as paid
    from int_refunded_order_line as refunds
    inner join slot_days on refunds.paid_on = slot_days.day
    where
        not refunds.is_sale
        and refunds.is_on_sale_day
        and not exists (
            select 1 from int_voided_order
            where
                int_voided_order.order_branch_key = refunds.order_branch_key
                and int_voided_order.order_id = refunds.order_id
        )
),

parts as (
    select slot, branch_key, staff_id, customer_key, paid_on, revenue, paid from sold
    union all
    select slot, branch_key, staff_id, customer_key, paid_on, revenue, paid from paid_back
),

days as (
    select
        slot,
        branch_key,
        staff_id,
        customer_key,
        paid_on,
        sum(revenue) as revenue,
        sum(paid) as paid,
        max(paid) > 0 as is_paying
    from parts
    group by slot, branch_key, staff_id, customer_key, paid_on
),

customers as (
    select
        days.slot,
        days.branch_key,
        days.staff_id,
        days.customer_key,
        sum(days.revenue) as revenue,
        sum(days.paid) as paid,
        sum(case when days.is_paying then 1 else 0 end) as paying_days,
        bool_or(days.is_paying and days.paid_on = int_purchase.first_bought_on) as is_new
    from days
    left join int_purchase on days.customer_key = int_purchase.customer_key
    group by days.slot, days.branch_key, days.staff_id, days.customer_key
),

figures as (
    select
        slot,
        branch_key,
        staff_id,
        sum(revenue) as revenue,
        coalesce(sum(paid), 0) as paid,
        sum(paying_days) as paying_days,
        sum(case when paying_days > 0 then 1 else 0 end) as paying_customers,
        sum(case when is_new then 1 else 0 end) as new_customers
    from customers
    group by slot, branch_key, staff_id
),

has_staff as (
    select count(staff_id) > 0 as has_staff from figures
),

told as (
    select figures.* from has_staff
    cross join figures
    where has_staff.has_staff
),

side_by_side as (
    select
        branch_key,
        staff_id,
        sum(case when slot = 'current' then revenue else 0 end) as revenue,
        sum(case when slot = 'current' then paid else 0 end) as paid,
        sum(case when slot = 'current' then paying_days else 0 end) as paying_days,
        sum(case when slot = 'current' then paying_customers else 0 end) as paying_customers,
        sum(case when slot = 'current' then new_customers else 0 end) as new_customers,
        sum(case when slot = 'previous' then revenue else 0 end) as previous_revenue,
        sum(case when slot = 'previous' then paid else 0 end) as previous_paid,
        sum(case when slot = 'previous' then paying_days else 0 end) as previous_paying_days,
        sum(case when slot = 'previous' then paying_customers else 0 end) as previous_paying_customers,
        sum(case when slot = 'previous' then new_customers else 0 end) as previous_new_customers
    from told
    group by branch_key, staff_id
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    branch_id(branch_key) as branch_id,
    staff_id,
    cast(revenue as decimal(18, 2)) as revenue,
    cast(paid as decimal(18, 2)) as paid,
    paying_days,
    cast(paid as double) / nullif(paying_days, 0) as average_transaction_value,
    paying_customers,
    new_customers,
    cast(previous_revenue as decimal(18, 2)) as previous_revenue,
    cast(previous_paid as decimal(18, 2)) as previous_paid,
    previous_paying_days,
    cast(previous_paid as double) / nullif(previous_paying_days, 0) as previous_average_transaction_value,
    previous_paying_customers,
    previous_new_customers,
    cast(revenue as double) / nullif(cast(previous_revenue as double), 0) - 1 as change_from_previous
from side_by_side
order by branch_key, staff_id
