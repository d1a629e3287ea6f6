-- How many customers of the chain went from which life stage to which since the period opened.
-- Grain: from_stage, to_stage.
select
    from_stage,
    to_stage,
    customers,
    monetary
from fct_lifecycle_transition
where as_of = $as_of and scope = 'chain'
order by from_stage, to_stage
