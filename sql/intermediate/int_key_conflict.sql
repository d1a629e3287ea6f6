-- Rows that gave way to another delivery of their key, which tells of another branch, customer or day.
-- Grain: entity, object_no, row_no.
with
replaced as (
    select
        'orders' as entity,
        case when line_no is null then order_id else concat(order_id, ' line ', line_no) end as key,
        branch_ref,
        customer_ref,
        paid_on as day,
        object_no,
        row_no,
        kept_branch_ref,
        kept_customer_ref,
        kept_paid_on as kept_day,
        kept_object_no,
        kept_row_no
    from int_order_delivery
    where delivery_rank > 1
    union all
    select
        'visits' as entity,
        visit_id as key,
        branch_ref,
        customer_ref,
        visited_on as day,
        object_no,
        row_no,
        kept_branch_ref,
        kept_customer_ref,
        kept_visited_on as kept_day,
        kept_object_no,
        kept_row_no
    from int_visit_delivery
    where delivery_rank > 1
    union all
    select
        'leads' as entity,
        customer_id(customer_key(customer_ref)) as key,
        branch_ref,
        customer_ref,
        created_on as day,
        object_no,
        row_no,
        branch_ref as kept_branch_ref,
        customer_ref as kept_customer_ref,
        kept_created_on as kept_day,
        kept_object_no,
        kept_row_no
    from int_lead_delivery
    where delivery_rank > 1
    union all
    select
        'contacts' as entity,
        contact_id as key,
        branch_ref,
        customer_ref,
        contacted_on as day,
        object_no,
        row_no,
        branch_ref as kept_branch_ref,
        kept_customer_ref,
        kept_contacted_on as kept_day,
        kept_object_no,
        kept_row_no
    from int_contact_delivery
    where delivery_rank > 1
)

select
    entity,
    key,
    branch_key(branch_ref) as branch_key,
    customer_key(customer_ref) as customer_key,
    day,
    object_no,
    row_no,
    branch_key(kept_branch_ref) as kept_branch_key,
    customer_key(kept_customer_ref) as kept_customer_key,
    kept_day,
    kept_object_no,
    kept_row_no
from replaced
where
    branch_key(branch_ref) <> branch_key(kept_branch_ref)
    or customer_key(customer_ref) <> customer_key(kept_customer_ref)
    or day <> kept_day
