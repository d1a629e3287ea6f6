-- An item's change in revenue is its traffic, conversion and price effects together, to the cent; nobody buys under two
-- segments, and who left had bought.
select
    branch_id,
    item_id,
    revenue,
    previous_revenue,
    traffic_effect,
    conversion_effect,
    price_effect,
    buyers,
    previous_buyers,
    left_buyers
from fct_item_performance
where
    revenue - previous_revenue <> traffic_effect + conversion_effect + price_effect
    or revenue_change <> revenue - previous_revenue
    or left_buyers > previous_buyers
    or buyers
    < buyers_hhh + buyers_hlh + buyers_lhh + buyers_llh + buyers_hhl + buyers_hll + buyers_lhl + buyers_lll
