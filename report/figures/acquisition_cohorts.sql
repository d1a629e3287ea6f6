-- How far those who became known in a period have come by now, and what they cost. Who is not there yet counts as not
-- there; the columns _open say how many may be yet.
-- Grain: cohort_period.
select
    cohort_period,
    cast(sum(leads) as bigint) as leads,
    cast(sum(came_without_lead) as bigint) as came_without_lead,
    cast(sum(booked) as bigint) as booked,
    cast(sum(arrived) as bigint) as arrived,
    cast(sum(consulted) as bigint) as consulted,
    cast(sum(consulted_buyers) as bigint) as consulted_buyers,
    cast(sum(consulted_buyers_open) as bigint) as consulted_buyers_open,
    cast(sum(first_orders) as bigint) as first_orders,
    cast(sum(first_orders_open) as bigint) as first_orders_open,
    cast(sum(second_orders) as bigint) as second_orders,
    cast(sum(second_orders_open) as bigint) as second_orders_open,
    sum(spend) as spend,
    cast(sum(spend) as double) / nullif(sum(leads) - sum(came_without_lead), 0) as cost_per_lead,
    cast(sum(spend) as double) / nullif(sum(first_orders), 0) as cost_per_new_customer,
    case
        when sum(spend) > 0 and count(profit) = count(*)
            then cast(sum(profit) as double) / cast(sum(spend) as double)
    end as payback
from fct_acquisition_funnel
where as_of = $as_of and cohort_period >= $earliest_period
group by cohort_period
order by cohort_period
