-- How newcomers were won, step by step, by the period in which they became known, channel and branch; what it cost, and
-- what they have brought since.
-- Grain: as_of, cohort_period, channel, branch_id.
with
keys as (
    select cohort_no, channel, branch_key, first_day from int_funnel_head
    union all
    select cohort_no, channel, branch_key, first_day from int_funnel_spend
),

cohorts as (
    select cohort_no, channel, branch_key, min(first_day) as first_day
    from keys
    group by cohort_no, channel, branch_key
),

known as (
    select
        cohorts.cohort_no,
        cohorts.channel,
        cohorts.branch_key,
        cohorts.first_day,
        coalesce(heads.leads, 0) as leads,
        coalesce(heads.came_without_lead, 0) as came_without_lead,
        coalesce(heads.booked, 0) as booked,
        coalesce(heads.arrived, 0) as arrived,
        coalesce(heads.consulted, 0) as consulted,
        coalesce(heads.consulted_buyers, 0) as consulted_buyers,
        coalesce(heads.consulted_buyers_open, 0) as consulted_buyers_open,
        coalesce(heads.first_orders, 0) as first_orders,
        coalesce(heads.first_orders_open, 0) as first_orders_open,
        coalesce(heads.second_orders, 0) as second_orders,
        coalesce(heads.second_orders_open, 0) as second_orders_open,
        heads.median_days_to_arrival,
        heads.median_days_to_first_order,
        heads.median_days_to_second_order,
        case when $has_spend then coalesce(spends.spend, 0) end as spend,
        case when $has_spend then coalesce(spends.shared_spend, 0) end as shared_spend,
        case when paybacks.cohort_no is null then 0 else paybacks.revenue end as revenue,
        case when paybacks.cohort_no is null then 0 else paybacks.profit end as profit,
        paybacks.periods_to_payback
    from cohorts
    left join int_funnel_head as heads
        on
            cohorts.cohort_no = heads.cohort_no
            and cohorts.channel = heads.channel
            and cohorts.branch_key = heads.branch_key
    left join int_funnel_spend as spends
        on
            cohorts.cohort_no = spends.cohort_no
            and cohorts.channel = spends.channel
            and cohorts.branch_key = spends.branch_key
    left join int_funnel_payback as paybacks
        on
            cohorts.cohort_no = paybacks.cohort_no
            and cohorts.channel = paybacks.channel
            and cohorts.branch_key = paybacks.branch_key
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    period_label($period_kind, first_day) as cohort_period,
    nullif(channel, '') as channel,
    branch_id(nullif(branch_key, cast(-1 as int))) as branch_id,
    leads,
    case when $has_leads then came_without_lead end as came_without_lead,
    case when $has_visits then booked end as booked,
    case when $has_visits then arrived end as arrived,
    case when $has_visits then consulted end as consulted,
    case when $has_visits then consulted_buyers end as consulted_buyers,
    case when $has_visits then consulted_buyers_open end as consulted_buyers_open,
    first_orders,
    first_orders_open,
    second_orders,
    second_orders_open,
    case when $has_visits then cast(arrived as double) / nullif(booked, 0) end as arrival_rate,
    case when $has_visits then cast(consulted_buyers as double) / nullif(consulted, 0) end as closing_rate,
    cast(first_orders as double) / nullif(leads, 0) as first_order_rate,
    cast(second_orders as double) / nullif(first_orders, 0) as second_order_rate,
    case when $has_visits then median_days_to_arrival end as median_days_to_arrival,
    median_days_to_first_order,
    median_days_to_second_order,
    cast(spend as decimal(18, 2)) as spend,
    cast(shared_spend as decimal(18, 2)) as shared_spend,
    case when $has_leads then cast(spend as double) / nullif(leads - came_without_lead, 0) end as cost_per_lead,
    cast(spend as double) / nullif(first_orders, 0) as cost_per_new_customer,
    cast(revenue as decimal(18, 2)) as revenue,
    cast(profit as decimal(18, 2)) as profit,
    case when spend > 0 then cast(profit as double) / cast(spend as double) end as payback,
    periods_to_payback
from known
order by cohort_no, nullif(channel, ''), nullif(branch_key, cast(-1 as int))
