-- Reasons to contact a customer, with what to do, in three languages.
-- Grain: as_of, action.
select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    action,
    cast(priority as int) as priority,
    condition_en,
    name_zh_hant,
    name_zh_hans,
    name_en,
    strategy_zh_hant,
    strategy_zh_hans,
    strategy_en
from seed_action
order by action
