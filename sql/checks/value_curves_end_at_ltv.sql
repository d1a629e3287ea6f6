-- At the oldest age a cohort's curves are what its customers have brought so far.
with
ends as (
    select
        split_by,
        cohort_period,
        sum(customers) as customers,
        sum(cumulative_revenue) as revenue,
        sum(case when cumulative_profit is null then 1 else 0 end) as unknown_profits,
        sum(cumulative_profit) as profit
    from fct_value_curve
    where activity_period = $period
    group by split_by, cohort_period
),

values_so_far as (
    select
        period_label($period_kind, first_consumed_on) as cohort_period,
        count(*) as customers,
        sum(revenue) as revenue,
        sum(case when profit is null then 1 else 0 end) as unknown_profits,
        sum(profit) as profit
    from fct_customer_ltv
    where scope = 'chain'
    group by period_label($period_kind, first_consumed_on)
)

select
    ends.split_by,
    values_so_far.cohort_period,
    ends.customers,
    values_so_far.customers as ltv_customers,
    ends.revenue,
    values_so_far.revenue as ltv_revenue,
    ends.profit,
    values_so_far.profit as ltv_profit
from values_so_far
left join ends on values_so_far.cohort_period = ends.cohort_period
where
    (ends.customers is distinct from values_so_far.customers)
    or (ends.revenue is distinct from values_so_far.revenue)
    or (ends.unknown_profits = 0) <> (values_so_far.unknown_profits = 0)
    or (ends.unknown_profits = 0 and ends.profit <> values_so_far.profit)
