-- Where newcomers come from, how far they get, and what they cost, by channel: those who became known in the last year,
-- of whom nobody may buy for the first time yet.
-- Of a channel that costs something, cost_ratio is its cost per new customer by that of all others that do, with the
-- limits of its 95 % interval (of the logarithm, numbers of new customers taken to be Poisson's).
-- Grain: channel.
with
decided as (
    select cohort_period
    from fct_acquisition_funnel
    where as_of = $as_of and cohort_period >= $year_before_period
    group by cohort_period
    having sum(first_orders_open) = 0
),

channels as (
    select
        fct_acquisition_funnel.channel,
        min(fct_acquisition_funnel.cohort_period) as first_cohort_period,
        max(fct_acquisition_funnel.cohort_period) as last_cohort_period,
        cast(sum(fct_acquisition_funnel.leads) as bigint) as leads,
        cast(sum(fct_acquisition_funnel.came_without_lead) as bigint) as came_without_lead,
        cast(sum(fct_acquisition_funnel.booked) as bigint) as booked,
        cast(sum(fct_acquisition_funnel.arrived) as bigint) as arrived,
        cast(sum(fct_acquisition_funnel.consulted) as bigint) as consulted,
        cast(sum(fct_acquisition_funnel.consulted_buyers) as bigint) as consulted_buyers,
        cast(sum(fct_acquisition_funnel.consulted_buyers_open) as bigint) as consulted_buyers_open,
        cast(sum(fct_acquisition_funnel.first_orders) as bigint) as first_orders,
        cast(sum(fct_acquisition_funnel.second_orders) as bigint) as second_orders,
        cast(sum(fct_acquisition_funnel.second_orders_open) as bigint) as second_orders_open,
        sum(fct_acquisition_funnel.spend) as spend,
        -- Unknown where that of any is.
        case
            when count(fct_acquisition_funnel.profit) = count(*) then sum(fct_acquisition_funnel.profit)
        end as profit
    from fct_acquisition_funnel
    inner join decided on fct_acquisition_funnel.cohort_period = decided.cohort_period
    where fct_acquisition_funnel.as_of = $as_of
    group by fct_acquisition_funnel.channel
),

paid as (
    select
        sum(first_orders) as first_orders,
        sum(spend) as spend
    from channels
    where spend > 0
),

beside as (
    select
        channels.*,
        case when channels.spend > 0 then paid.first_orders - channels.first_orders end as other_first_orders,
        case when channels.spend > 0 then paid.spend - channels.spend end as other_spend
    from channels
    cross join paid
),

compared as (
    select
        *,
        cast(spend as double) / nullif(first_orders, 0) as cost_per_new_customer,
        cast(other_spend as double) / nullif(other_first_orders, 0) as other_cost_per_new_customer,
        exp(
            1.959963984540054
            * sqrt(1 / cast(nullif(first_orders, 0) as double) + 1 / cast(nullif(other_first_orders, 0) as double))
        ) as ratio_reach
    from beside
)

select
    channel,
    first_cohort_period,
    last_cohort_period,
    leads,
    came_without_lead,
    booked,
    arrived,
    consulted,
    consulted_buyers,
    consulted_buyers_open,
    first_orders,
    second_orders,
    second_orders_open,
    spend,
    profit,
    cast(spend as double) / nullif(leads - came_without_lead, 0) as cost_per_lead,
    cost_per_new_customer,
    other_cost_per_new_customer,
    cost_per_new_customer / nullif(other_cost_per_new_customer, 0) as cost_ratio,
    cost_per_new_customer / nullif(other_cost_per_new_customer, 0) / ratio_reach as cost_ratio_low,
    cost_per_new_customer / nullif(other_cost_per_new_customer, 0) * ratio_reach as cost_ratio_high,
    case when spend > 0 then cast(profit as double) / cast(spend as double) end as payback
from compared
order by first_orders desc, channel asc
