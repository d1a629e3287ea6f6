-- Visits, each key once: of several deliveries the first in rank (int_visit_delivery).
-- A row whose winning delivery is of a day after as_of does not exist yet. One without a department is of its item's.
-- order_branch_key is the branch part of the order's identity, as in stg_orders; null where the visit doesn't name the
-- branch of its order (int_package_session finds it).
-- Grain: branch_key, visit_id.
with
unrepeated as (
    select
        visit_id, customer_ref, branch_ref, department_ref, item_ref,
        visited_on, kind, order_id, order_branch_ref, status
    from src_visits
    where
        not exists (
            select 1 from src_visits_repeated
            where src_visits_repeated.key_hash = src_visits.key_hash
        )
),

once as (
    select * from unrepeated
    union all
    select
        visit_id, customer_ref, branch_ref, department_ref, item_ref,
        visited_on, kind, order_id, order_branch_ref, status
    from int_visit_delivery
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
    status = 'attended' as is_attended,
    case when $has_branch_order_ids then branch_key(order_branch_ref) else cast(-1 as int) end as order_branch_key
from placed
where visited_on <= $as_of
