-- How many ranked customers have each value of each metric. Ranked are those who consumed within the window.
-- Goodness is the value turned so that more is better: recency with its sign changed.
-- Grain: scope_key, metric_no, goodness.
with
ranked as (
    select scope_key, recency_days, frequency, monetary
    from int_customer_stage
    where last_consumed_on >= $window_start
),

counted as (
    select scope_key, 1 as metric_no, cast(-recency_days as decimal(18, 2)) as goodness, count(*) as customers
    from ranked
    group by scope_key, recency_days
    union all
    select scope_key, 2 as metric_no, cast(frequency as decimal(18, 2)) as goodness, count(*) as customers
    from ranked
    group by scope_key, frequency
    union all
    select scope_key, 3 as metric_no, monetary as goodness, count(*) as customers
    from ranked
    group by scope_key, monetary
)

select
    scope_key,
    metric_no,
    goodness,
    customers,
    sum(customers) over (
        partition by scope_key, metric_no order by goodness
        rows between unbounded preceding and current row
    ) - customers as worse_customers,
    sum(customers) over (partition by scope_key, metric_no) as ranked_customers
from counted
