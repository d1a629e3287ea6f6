-- The chain's figures of each published period, this one up to as_of.
-- Grain: period.
select
    period,
    is_period_end,
    revenue,
    customers,
    consuming_customers,
    new_customers,
    average_transaction_value,
    retention_rate,
    repurchase_rate
from fct_period_summary
where
    scope = 'chain'
    and as_of <= $as_of
    and (is_period_end or as_of = $as_of)
    and period >= $earliest_period
order by as_of
