-- How far those who became known in a period have come by now, and what they cost.
-- Grain: known_in.
select
    acquisition_cohorts.cohort_period as known_in,
    acquisition_cohorts.leads,
    acquisition_cohorts.booked,
    acquisition_cohorts.arrived,
    acquisition_cohorts.arrived / nullif(acquisition_cohorts.booked, 0) as arrival_rate,
    acquisition_cohorts.consulted,
    acquisition_cohorts.consulted_buyers,
    acquisition_cohorts.consulted_buyers / nullif(acquisition_cohorts.consulted, 0) as closing_rate,
    acquisition_cohorts.first_orders,
    acquisition_cohorts.first_orders / nullif(acquisition_cohorts.leads, 0) as first_order_rate,
    acquisition_cohorts.first_orders_open,
    acquisition_cohorts.second_orders,
    acquisition_cohorts.second_orders / nullif(acquisition_cohorts.first_orders, 0) as second_order_rate,
    acquisition_cohorts.second_orders_open,
    acquisition_cohorts.spend,
    acquisition_cohorts.cost_per_lead,
    acquisition_cohorts.cost_per_new_customer,
    acquisition_cohorts.payback
from acquisition_cohorts
