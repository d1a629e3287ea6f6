-- How many customers of the chain are in each life stage, now and when the period opened.
-- Grain: stage.
select
    stages.$name as stage,
    stages.opening_customers,
    stages.customers as closing_customers,
    stages.customers - stages.opening_customers as change,
    stages.monetary,
    dim_stage.sort_order
from stages
inner join dim_stage on stages.stage = dim_stage.stage and dim_stage.as_of = $as_of
