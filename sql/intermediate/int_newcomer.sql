-- How far each customer known by as_of has come since they became known, and the period, channel and branch that this
-- counts for: the channel of the lead, and the first branch that a row of theirs names; of several that day the first
-- by id. Whoever bought has come, and whoever came had booked.
-- No channel is told by an empty text, and no branch by -1, so that both can be joined on.
-- Grain: customer_key.
with
days as (
    select customer_key, branch_key, day, visits, sales
    from int_consumption_day
),

customers as (
    select
        customer_key,
        min(day) as known_on,
        first_value(branch_key order by day, branch_key) filter (where branch_key is not null) as branch_key,
        min(case when visits > 0 or sales > 0 then day end) as came_on
    from days
    group by customer_key
)

select
    customers.customer_key,
    period_no($period_kind, customers.known_on) as cohort_no,
    customers.known_on,
    coalesce(int_lead.channel, '') as channel,
    coalesce(customers.branch_key, cast(-1 as int)) as branch_key,
    int_lead.customer_key is not null as is_lead,
    customers.came_on is not null or coalesce(int_missed_booking.missed_bookings, 0) > 0 as has_booked,
    customers.came_on,
    int_missed_booking.first_consulted_on as consulted_on,
    int_purchase.first_bought_on,
    int_purchase.second_bought_on,
    coalesce(int_purchase.last_bought_on >= int_missed_booking.first_consulted_on, false) as has_bought_since
from customers
left join int_lead on customers.customer_key = int_lead.customer_key
left join int_missed_booking on customers.customer_key = int_missed_booking.customer_key
left join int_purchase on customers.customer_key = int_purchase.customer_key
