-- Bookings of each customer that came to nothing, and the first consultation that was attended.
-- Grain: customer_key.
with
visits as (
    select customer_key, visited_on, kind, is_attended
    from stg_visits
    where not is_attended or kind = 'consultation'
)

select
    customer_key,
    sum(case when is_attended then 0 else 1 end) as missed_bookings,
    min(case when is_attended then visited_on end) as first_consulted_on
from visits
group by customer_key
