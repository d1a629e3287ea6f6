-- How many customers of the chain were in each life stage at the end of each published period.
-- Grain: period, stage.
select
    stage_trend.period,
    dim_stage.$name as stage,
    dim_stage.sort_order,
    stage_trend.customers,
    stage_trend.period < $period or $is_period_end as is_over
from stage_trend
inner join dim_stage on stage_trend.stage = dim_stage.stage and dim_stage.as_of = $as_of
