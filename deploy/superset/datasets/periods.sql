-- The chain's figures of each published period, this one up to the day.
-- Grain: period.
select
    fct_period_summary.*,
    fct_period_summary.as_of = $as_of as is_chosen
from fct_period_summary
where
    fct_period_summary.scope = 'chain'
    and fct_period_summary.as_of <= $as_of
    and (fct_period_summary.is_period_end or fct_period_summary.as_of = $as_of)
    and fct_period_summary.period >= $earliest_period
