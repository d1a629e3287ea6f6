-- Order lines with the profit that each brings: by its cost, else by the margin of policy (the item's own, else the
-- department's, else the chain's); a refund without either takes its whole amount, for the cost stays spent. Null where
-- nothing tells.
-- Grain: branch_key, order_id, line_no.
with
-- Together before they meet the lines, which are many.
item_margins as (
    select
        policy_of_item.item_key,
        policy_margin.margin
    from policy_of_item
    inner join policy_margin on policy_of_item.policy_no = policy_margin.policy_no
),

department_margins as (
    select
        policy_of_department.department_key,
        policy_margin.margin
    from policy_of_department
    inner join policy_margin on policy_of_department.policy_no = policy_margin.policy_no
)

select
    lines.order_id,
    lines.line_no,
    lines.customer_key,
    lines.branch_key,
    lines.department_key,
    lines.item_key,
    lines.paid_on,
    lines.amount,
    lines.is_counted,
    lines.is_sale,
    case
        when lines.cost is not null then lines.amount - lines.cost
        when coalesce(item_margins.margin, department_margins.margin) is not null
            then
                cast(
                    round(lines.amount * coalesce(item_margins.margin, department_margins.margin), 2)
                    as decimal(18, 2)
                )
        when lines.amount <= 0 then lines.amount
    end as profit,
    lines.order_branch_key
from stg_orders as lines
left join item_margins on lines.item_key = item_margins.item_key
left join department_margins on lines.department_key is not distinct from department_margins.department_key
