-- An item's list has all who left it where it declines, and nobody where it doesn't.
with
listed as (
    select branch_id, item_id, count(*) as customers
    from fct_item_action_list
    group by branch_id, item_id
),

expected as (
    select branch_id, item_id, left_buyers as customers
    from fct_item_performance
    where is_declining and left_buyers > 0
)

select
    coalesce(listed.branch_id, expected.branch_id) as branch_id,
    coalesce(listed.item_id, expected.item_id) as item_id,
    listed.customers as listed_customers,
    expected.customers as left_buyers
from listed
full join expected on listed.branch_id = expected.branch_id and listed.item_id = expected.item_id
where listed.customers is distinct from expected.customers
