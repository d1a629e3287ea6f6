-- Visits, each key once: the greatest updated_at wins, then the later object, then the later row.
-- A row whose winning delivery is of a day after as_of does not exist yet. One without a department is of its item's.
-- Grain: visit_id.
with
unrepeated as (
    select visit_id, customer_ref, branch_ref, department_ref, item_ref, visited_on, kind, order_id, status
    from src_visits
    where
        not exists (
            select 1 from src_visits_repeated
            where src_visits_repeated.key_hash = src_visits.key_hash
        )
),

deliveries as (
    select
        *,
        row_number() over (
            partition by visit_id
            order by updated_at desc nulls last, object_no desc, row_no desc
        ) as delivery_rank
    from src_visits
    where
        exists (
            select 1 from src_visits_repeated
            where src_visits_repeated.key_hash = src_visits.key_hash
        )
),

once as (
    select * from unrepeated
    union all
    select visit_id, customer_ref, branch_ref, department_ref, item_ref, visited_on, kind, order_id, status
    from deliveries
    where delivery_rank = 1
),

placed as (
    select
        once.*,
        stg_items.department_key as item_department_key
    from once
    left join stg_items on item_key(once.item_ref) = stg_items.item_key
)

select
    visit_id,
    customer_key(customer_ref) as customer_key,
    branch_key(branch_ref) as branch_key,
    coalesce(department_key(department_ref), item_department_key) as department_key,
    item_key(item_ref) as item_key,
    visited_on,
    kind,
    order_id,
    status = 'attended' as is_attended
from placed
where visited_on <= $as_of
