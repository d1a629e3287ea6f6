-- The metrics of the published tables: how each is worked out, what readers call it, and which way is good.
-- Grain: as_of, metric.
select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    metric,
    table_name,
    measure,
    unit,
    direction,
    description,
    name_zh_hant,
    name_zh_hans,
    name_en
from run_metric
order by metric
