-- How many ranked customers of each policy have each value of each metric. Ranked are those who consumed within the
-- window. Goodness is the value turned so that more is better: recency with its sign changed.
-- Grain: scope_key, metric_no, goodness, policy_no.
with
ranked as (
    select scope_key, policy_no, recency_days, frequency, monetary
    from int_customer_stage
    where is_ranked
)

select
    scope_key, policy_no, 1 as metric_no, cast(-recency_days as decimal(18, 2)) as goodness, count(*) as customers
from ranked
group by scope_key, policy_no, recency_days
union all
select
    scope_key, policy_no, 2 as metric_no, cast(frequency as decimal(18, 2)) as goodness, count(*) as customers
from ranked
group by scope_key, policy_no, frequency
union all
select
    scope_key, policy_no, 3 as metric_no, monetary as goodness, count(*) as customers
from ranked
group by scope_key, policy_no, monetary
