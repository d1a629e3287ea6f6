-- The first two days, and the last one, on which each customer bought something that was not fully refunded.
-- Grain: customer_key.
with
customers as (
    select
        customer_key,
        merge_day_sets(bought_days) as bought_days
    from int_customer_department
    group by customer_key
)

select
    customer_key,
    nth_day(bought_days, 1) as first_bought_on,
    nth_day(bought_days, 2) as second_bought_on,
    nth_day(bought_days, day_count(bought_days)) as last_bought_on
from customers
where day_count(bought_days) > 0
