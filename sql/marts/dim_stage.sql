-- The life stages in the ladder's order, with names in three languages.
-- Grain: as_of, stage.
select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    stage,
    cast(sort_order as int) as sort_order,
    name_zh_hant,
    name_zh_hans,
    name_en,
    meaning_zh_hant,
    meaning_zh_hans,
    meaning_en
from seed_stage
order by stage
