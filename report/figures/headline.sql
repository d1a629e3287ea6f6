-- The chain's figures beside those of the period before and the year before, up to the same day of it. Where the
-- earlier ones are known by today's rows they are taken from these: money, orders and visits are the branches' added
-- up, customers are counted by the day of their first consumption. Of the others, the snapshot that was published on
-- that day tells.
-- Grain: metric.
with
slots as (
    select
        as_of,
        cast(revenue as double) as revenue,
        cast(orders as double) as orders,
        cast(visits as double) as visits,
        cast(customers as double) as customers,
        cast(new_customers as double) as new_customers,
        cast(consuming_customers as double) as consuming_customers,
        average_transaction_value,
        retention_rate_to_date,
        previous_retention_rate_to_date,
        repurchase_rate,
        cast(leads as double) as leads,
        cast(active_customers as double) as active_customers,
        cast(active_to_vip_customers as double) as active_to_vip_customers,
        cast(reactivated_customers as double) as reactivated_customers,
        cast(recalled_customers as double) as recalled_customers,
        cast(dormant_to_date_customers as double) as dormant_to_date_customers,
        cast(previous_dormant_to_date_customers as double) as previous_dormant_to_date_customers,
        cast(lost_to_date_customers as double) as lost_to_date_customers,
        cast(previous_lost_to_date_customers as double) as previous_lost_to_date_customers
    from fct_period_summary
    where scope = 'chain' and as_of in ($as_of, $previous_as_of, $year_before_as_of)
),

published as (
    select as_of, 'revenue' as metric, revenue as value from slots
    union all
    select as_of, 'orders' as metric, orders as value from slots
    union all
    select as_of, 'visits' as metric, visits as value from slots
    union all
    select as_of, 'customers' as metric, customers as value from slots
    union all
    select as_of, 'new_customers' as metric, new_customers as value from slots
    union all
    select as_of, 'consuming_customers' as metric, consuming_customers as value from slots
    union all
    select as_of, 'average_transaction_value' as metric, average_transaction_value as value from slots
    union all
    select as_of, 'retention_rate_to_date' as metric, retention_rate_to_date as value from slots
    union all
    select as_of, 'repurchase_rate' as metric, repurchase_rate as value from slots
    union all
    select as_of, 'leads' as metric, leads as value from slots
    union all
    select as_of, 'active_customers' as metric, active_customers as value from slots
    union all
    select as_of, 'active_to_vip_customers' as metric, active_to_vip_customers as value from slots
    union all
    select as_of, 'reactivated_customers' as metric, reactivated_customers as value from slots
    union all
    select as_of, 'recalled_customers' as metric, recalled_customers as value from slots
    union all
    select as_of, 'dormant_to_date_customers' as metric, dormant_to_date_customers as value from slots
    union all
    select as_of, 'lost_to_date_customers' as metric, lost_to_date_customers as value from slots
),

first_days as (
    select first_consumed_on
    from fct_lifecycle_snapshot
    where as_of = $as_of and scope = 'chain' and first_consumed_on <= $previous_as_of
),

known_now as (
    select
        metric,
        cast(sum(cast(previous_value as decimal(24, 4))) as double) as previous_value,
        cast(sum(cast(year_before_value as decimal(24, 4))) as double) as year_before_value
    from fct_branch_comparison
    where as_of = $as_of and metric in ('revenue', 'orders', 'visits')
    group by metric
    union all
    select
        'customers' as metric,
        cast(count(*) as double) as previous_value,
        cast(count(case when first_consumed_on <= $year_before_as_of then 1 end) as double) as year_before_value
    from first_days
    union all
    select
        'new_customers' as metric,
        cast(count(case when first_consumed_on >= $previous_period_start then 1 end) as double) as previous_value,
        cast(
            count(case when first_consumed_on between $year_before_start and $year_before_as_of then 1 end) as double
        ) as year_before_value
    from first_days
    union all
    select
        'retention_rate_to_date' as metric,
        previous_retention_rate_to_date as previous_value,
        null as year_before_value
    from slots
    where as_of = $as_of
    union all
    select
        'dormant_to_date_customers' as metric,
        previous_dormant_to_date_customers as previous_value,
        null as year_before_value
    from slots
    where as_of = $as_of
    union all
    select
        'lost_to_date_customers' as metric,
        previous_lost_to_date_customers as previous_value,
        null as year_before_value
    from slots
    where as_of = $as_of
),

by_metric as (
    select
        metric,
        max(case when as_of = $as_of then value end) as value,
        max(case when as_of = $previous_as_of then value end) as previous_value,
        max(case when as_of = $year_before_as_of then value end) as year_before_value
    from published
    group by metric
)

select
    by_metric.metric,
    by_metric.value,
    coalesce(known_now.previous_value, by_metric.previous_value) as previous_value,
    coalesce(known_now.year_before_value, by_metric.year_before_value) as year_before_value
from by_metric
left join known_now on by_metric.metric = known_now.metric
order by by_metric.metric
