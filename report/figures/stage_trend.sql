-- How many customers of the chain were in each life stage at the end of each published period, of this one at as_of.
-- Grain: period, stage.
select
    period,
    to_stage as stage,
    sum(customers) as customers
from fct_lifecycle_transition
where
    scope = 'chain'
    and as_of <= $as_of
    and (is_period_end or as_of = $as_of)
    and period >= $earliest_period
group by period, to_stage
order by period, to_stage
