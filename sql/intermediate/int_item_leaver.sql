-- Who bought an item at a branch in the period before, and has not in this one.
-- Grain: branch_key, item_key, customer_key.
select
    branch_key,
    item_key,
    customer_key,
    sum(case when slot = 'previous' then buying_days else 0 end) as previous_buying_days,
    cast(sum(case when slot = 'previous' then paid else 0 end) as decimal(18, 2)) as previous_paid,
    max(last_bought_on) as last_bought_on
from int_item_period
group by branch_key, item_key, customer_key
having
    sum(case when slot = 'previous' then buying_days else 0 end) > 0
    and sum(case when slot = 'current' then buying_days else 0 end) = 0
