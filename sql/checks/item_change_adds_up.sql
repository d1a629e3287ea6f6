-- An item's change in revenue is its traffic, conversion and price effects together, to the cent; who left had bought.
select
    branch_id,
    item_id,
    revenue,
    previous_revenue,
    traffic_effect,
    conversion_effect,
    price_effect,
    previous_buyers,
    left_buyers
from fct_item_performance
where
    revenue - previous_revenue <> traffic_effect + conversion_effect + price_effect
    or revenue_change <> revenue - previous_revenue
    or left_buyers > previous_buyers
