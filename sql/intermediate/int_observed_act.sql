-- Who took which high-value action in the days of action, and the money of these acts: in the chain, and of each branch
-- those that were taken there.
-- Grain: scope_key, customer_key, action.
with
acts as (
    select customer_key, action, branch_key, amount
    from int_high_value_action
    where acted_on > $baseline and acted_on <= $action_until
)

select
    $chain_scope_key as scope_key,
    customer_key,
    action,
    sum(amount) as amount
from acts
group by customer_key, action
union all
select
    branch_key as scope_key,
    customer_key,
    action,
    sum(amount) as amount
from acts
group by branch_key, customer_key, action
