-- Items as the chain describes them.
-- Grain: as_of, item_id.
select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    item_id(item_key) as item_id,
    name,
    department_id(department_key) as department,
    category,
    list_price
from stg_items
order by item_key
