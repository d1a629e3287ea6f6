-- The eight value segments: names in three languages and what to do, under the naming that the policy picks.
-- Grain: as_of, segment.
select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    segment,
    cast(sort_order as int) as sort_order,
    name_zh_hant,
    name_zh_hans,
    name_en,
    strategy_en,
    strategy_zh_hant,
    strategy_zh_hans
from seed_segment
where naming = $segment_names
order by segment
