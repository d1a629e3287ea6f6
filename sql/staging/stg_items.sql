-- Items as the chain describes them, each once: the later object wins, then the later row.
-- Grain: item_key.
with
deliveries as (
    select
        item_ref, name, department_ref, category, list_price,
        row_number() over (partition by item_ref order by object_no(object_ref) desc, row_no desc) as delivery_rank
    from src_items
)

select
    item_key(item_ref) as item_key,
    name,
    department_key(department_ref) as department_key,
    category,
    list_price
from deliveries
where delivery_rank = 1
