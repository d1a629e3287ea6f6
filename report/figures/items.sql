-- Each item of the chain in this period and the one before, the branches' splits of the change summed up.
-- Grain: item_id.
select
    fct_item_performance.item_id,
    dim_item.name,
    dim_item.department,
    sum(fct_item_performance.revenue) as revenue,
    sum(fct_item_performance.previous_revenue) as previous_revenue,
    sum(fct_item_performance.traffic_effect) as traffic_effect,
    sum(fct_item_performance.conversion_effect) as conversion_effect,
    sum(fct_item_performance.price_effect) as price_effect
from fct_item_performance
left join dim_item
    on fct_item_performance.as_of = dim_item.as_of and fct_item_performance.item_id = dim_item.item_id
where fct_item_performance.as_of = $as_of
group by fct_item_performance.item_id, dim_item.name, dim_item.department
order by fct_item_performance.item_id
