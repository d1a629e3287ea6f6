-- How many customers each branch is to contact, and why.
-- Grain: branch, action.
select
    coalesce(dim_branch.name, action_branches.branch_id) as branch,
    dim_action.$name as action,
    dim_action.$strategy as strategy,
    action_branches.customers
from action_branches
inner join dim_action on action_branches.action = dim_action.action and dim_action.as_of = $as_of
left join dim_branch on action_branches.branch_id = dim_branch.branch_id and dim_branch.as_of = $as_of
