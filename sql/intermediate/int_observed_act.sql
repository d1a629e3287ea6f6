-- Who took which high-value action in the days of action, and the money of these acts.
-- Grain: customer_key, action.
select
    customer_key,
    action,
    sum(amount) as amount
from int_high_value_action
where acted_on > $baseline and acted_on <= $action_until
group by customer_key, action
