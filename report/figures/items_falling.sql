-- The items that fell by 30 % or more at a branch and had ten buyers before, and what most of it is due to: fewer
-- people at the branch, fewer of them who buy, or less money of each. Of each cause the forty that stand out most:
-- those that lost most money for want of people, most buyers, or most of the price, which is weighed by the root of the
-- sales, for of few sales it says little.
-- Grain: branch_id, item_id.
with
falling as (
    select
        branch_id,
        item_id,
        revenue,
        previous_revenue,
        buyers,
        previous_buyers,
        left_buyers,
        average_transaction_value,
        previous_average_transaction_value,
        traffic_effect,
        conversion_effect,
        price_effect,
        buyers - previous_buyers as buyer_change,
        (average_transaction_value / previous_average_transaction_value - 1)
        * sqrt(cast(buying_days as double) * previous_buying_days / (buying_days + previous_buying_days))
            as weighed_price_change,
        case
            when traffic_effect <= conversion_effect and traffic_effect <= price_effect then 'traffic'
            when conversion_effect <= price_effect then 'conversion'
            else 'price'
        end as cause
    from fct_item_performance
    where as_of = $as_of and is_declining and previous_buyers >= 10
),

by_traffic as (
    select * from falling
    where cause = 'traffic'
    order by traffic_effect asc, branch_id asc, item_id asc
    limit 40
),

by_conversion as (
    select * from falling
    where cause = 'conversion'
    order by buyer_change asc, conversion_effect asc, branch_id asc, item_id asc
    limit 40
),

by_price as (
    select * from falling
    where cause = 'price'
    order by weighed_price_change asc nulls last, branch_id asc, item_id asc
    limit 40
),

chosen as (
    select * from by_traffic
    union all
    select * from by_conversion
    union all
    select * from by_price
)

select
    chosen.cause,
    chosen.branch_id,
    chosen.item_id,
    dim_item.name,
    chosen.revenue,
    chosen.previous_revenue,
    chosen.buyers,
    chosen.previous_buyers,
    chosen.left_buyers,
    chosen.average_transaction_value,
    chosen.previous_average_transaction_value,
    chosen.traffic_effect,
    chosen.conversion_effect,
    chosen.price_effect,
    chosen.weighed_price_change
from chosen
left join dim_item on chosen.item_id = dim_item.item_id and dim_item.as_of = $as_of
order by chosen.branch_id, chosen.item_id
