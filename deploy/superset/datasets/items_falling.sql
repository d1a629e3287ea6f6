-- The items that fell by 30 % or more at a branch, and what most of it is due to.
-- Grain: branch, item.
select
    coalesce(causes.label, items_falling.cause) as cause,
    coalesce(dim_branch.name, items_falling.branch_id) as branch,
    coalesce(items_falling.name, items_falling.item_id) as item,
    items_falling.revenue,
    items_falling.previous_revenue,
    items_falling.revenue / nullif(items_falling.previous_revenue, 0) - 1 as to_previous,
    items_falling.buyers,
    items_falling.previous_buyers,
    items_falling.left_buyers,
    items_falling.average_transaction_value,
    items_falling.previous_average_transaction_value,
    items_falling.traffic_effect,
    items_falling.conversion_effect,
    items_falling.price_effect,
    items_falling.revenue - items_falling.previous_revenue as change
from items_falling
left join $texts_item_cause as causes on items_falling.cause = causes.key
left join dim_branch on items_falling.branch_id = dim_branch.branch_id and dim_branch.as_of = $as_of
