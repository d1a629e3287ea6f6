-- Whom to contact: how many customers each branch has for each reason.
-- Grain: branch_id, action.
select
    branch_id,
    action,
    count(*) as customers
from fct_action_list
where as_of = $as_of
group by branch_id, action
order by branch_id, action
