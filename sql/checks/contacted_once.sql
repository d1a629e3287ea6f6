-- Nobody is on two branches' lists, and the dead are on none.
select
    customer_id,
    count(*) as lists,
    min(stage) as stage
from fct_action_list
group by customer_id
having count(*) > 1 or min(stage) = 'dead'
