-- Reasons to contact a customer: when they hold, by policy, and what to do, in three languages.
-- Grain: as_of, action.
select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    policy_action.action,
    policy_action.priority,
    policy_action.condition_en,
    seed_action.name_zh_hant,
    seed_action.name_zh_hans,
    seed_action.name_en,
    seed_action.strategy_zh_hant,
    seed_action.strategy_zh_hans,
    seed_action.strategy_en
from policy_action
left join seed_action on policy_action.action = seed_action.action
order by policy_action.action
