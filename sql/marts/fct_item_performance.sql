-- Each item at each branch in this period and the one before, with the change in money split into traffic, conversion
-- and price, one after the other: (traffic - earlier) * earlier money per customer day, then (buying days - traffic *
-- earlier conversion) * earlier price, then the rest, so that the parts add up exactly.
-- Grain: as_of, branch_id, item_id.
with
slots as (
    select
        slot,
        branch_key,
        item_key,
        sum(revenue) as revenue,
        sum(paid) as paid,
        sum(visits) as visits,
        sum(buying_days) as buying_days,
        sum(case when buying_days > 0 then 1 else 0 end) as buyers
    from int_item_period
    group by slot, branch_key, item_key
),

current_period as (
    select * from slots
    where slot = 'current'
),

previous_period as (
    select * from slots
    where slot = 'previous'
),

left_buyers as (
    select branch_key, item_key, count(*) as left_buyers
    from int_item_leaver
    group by branch_key, item_key
),

traffic as (
    select
        scope_key as branch_key,
        sum(case when slot = 'current' then customer_days else 0 end) as customer_days,
        sum(case when slot = 'previous' then customer_days else 0 end) as previous_customer_days
    from int_period_activity
    group by scope_key
),

keys as (
    select distinct branch_key, item_key from slots
),

compared as (
    select
        keys.branch_key,
        keys.item_key,
        coalesce(current_period.revenue, 0) as revenue,
        coalesce(previous_period.revenue, 0) as previous_revenue,
        coalesce(current_period.paid, 0) as paid,
        coalesce(previous_period.paid, 0) as previous_paid,
        coalesce(current_period.visits, 0) as visits,
        coalesce(previous_period.visits, 0) as previous_visits,
        coalesce(current_period.buyers, 0) as buyers,
        coalesce(previous_period.buyers, 0) as previous_buyers,
        coalesce(current_period.buying_days, 0) as buying_days,
        coalesce(previous_period.buying_days, 0) as previous_buying_days,
        coalesce(traffic.customer_days, 0) as customer_days,
        coalesce(traffic.previous_customer_days, 0) as previous_customer_days,
        coalesce(left_buyers.left_buyers, 0) as left_buyers
    from keys
    left join current_period
        on keys.branch_key = current_period.branch_key and keys.item_key = current_period.item_key
    left join previous_period
        on keys.branch_key = previous_period.branch_key and keys.item_key = previous_period.item_key
    left join left_buyers
        on keys.branch_key = left_buyers.branch_key and keys.item_key = left_buyers.item_key
    left join traffic on keys.branch_key = traffic.branch_key
),

-- What today's traffic would have brought at the earlier conversion and price.
expected as (
    select
        *,
        case
            when previous_customer_days > 0
                then cast(previous_revenue as double) * customer_days / previous_customer_days
            else cast(previous_revenue as double)
        end as revenue_at_traffic,
        case
            when previous_buying_days > 0
                then cast(previous_revenue as double) * buying_days / previous_buying_days
            else cast(revenue as double)
        end as revenue_at_price
    from compared
),

split as (
    select
        *,
        cast(round(revenue_at_traffic - cast(previous_revenue as double), 2) as decimal(18, 2)) as traffic_effect,
        cast(round(revenue_at_price - revenue_at_traffic, 2) as decimal(18, 2)) as conversion_effect
    from expected
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    branch_id(split.branch_key) as branch_id,
    item_id(split.item_key) as item_id,
    department_id(stg_items.department_key) as department,
    split.revenue,
    split.previous_revenue,
    split.revenue - split.previous_revenue as revenue_change,
    case
        when split.previous_revenue > 0
            then cast(split.revenue - split.previous_revenue as double) / cast(split.previous_revenue as double)
    end as change_rate,
    int_declining_item.item_key is not null as is_declining,
    case when $has_visits then split.visits end as visits,
    case when $has_visits then split.previous_visits end as previous_visits,
    split.buyers,
    split.previous_buyers,
    split.buying_days,
    split.previous_buying_days,
    split.customer_days as branch_customer_days,
    split.previous_customer_days as previous_branch_customer_days,
    cast(split.buying_days as double) / nullif(split.customer_days, 0) as conversion,
    cast(split.previous_buying_days as double) / nullif(split.previous_customer_days, 0) as previous_conversion,
    cast(split.paid as double) / nullif(split.buying_days, 0) as average_transaction_value,
    cast(split.previous_paid as double) / nullif(split.previous_buying_days, 0)
        as previous_average_transaction_value,
    split.traffic_effect,
    split.conversion_effect,
    split.revenue - split.previous_revenue - split.traffic_effect - split.conversion_effect as price_effect,
    split.left_buyers,
    split.paid,
    split.previous_paid
from split
left join int_declining_item
    on split.branch_key = int_declining_item.branch_key and split.item_key = int_declining_item.item_key
left join stg_items on split.item_key = stg_items.item_key
order by split.branch_key, split.item_key
