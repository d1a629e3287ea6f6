-- The first two days on which each customer bought something that was not fully refunded.
-- Grain: customer_key.
with
days as (
    select customer_key, day from int_consumption_day
    where branch_key is not null and sales > 0
)

select
    customer_key,
    min(day) as first_bought_on,
    nth_day(day_set(day), 2) as second_bought_on
from days
group by customer_key
