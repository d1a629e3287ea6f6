-- Every action that policy names has its texts in seed_action; else a list would say nothing of what to do.
select
    action,
    priority
from dim_action
where name_zh_hant is null or strategy_zh_hant is null or name_en is null or strategy_en is null
