-- Whom to contact: how many customers each branch has for each reason; without those held out.
-- Grain: branch_id, action.
select
    branch_id,
    action,
    count(*) as customers
from fct_action_list
where as_of = $as_of and not is_held_out
group by branch_id, action
order by branch_id, action
