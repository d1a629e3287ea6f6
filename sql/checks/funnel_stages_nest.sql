-- Each step of the funnel is of those of the step before, and whoever is still open has not taken it.
select
    cohort_period,
    channel,
    branch_id,
    leads,
    booked,
    arrived,
    consulted,
    first_orders,
    second_orders
from fct_acquisition_funnel
where
    booked > leads
    or arrived > booked
    or consulted > arrived
    or consulted_buyers + consulted_buyers_open > consulted
    or consulted_buyers > first_orders
    or first_orders > coalesce(arrived, leads)
    or first_orders + first_orders_open > leads
    or second_orders + second_orders_open > first_orders
    or came_without_lead > leads
