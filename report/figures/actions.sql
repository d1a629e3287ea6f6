-- Whom to contact: how many customers there are for each reason, and what they have spent; without those held out.
-- Grain: action.
with
listed as (
    select
        action,
        count(*) as customers,
        sum(lifetime_monetary) as lifetime_monetary
    from fct_action_list
    where as_of = $as_of and not is_held_out
    group by action
)

select
    dim_action.action,
    dim_action.name_zh_hant,
    dim_action.name_zh_hans,
    dim_action.name_en,
    dim_action.strategy_zh_hant,
    dim_action.strategy_zh_hans,
    dim_action.strategy_en,
    coalesce(listed.customers, 0) as customers,
    coalesce(listed.lifetime_monetary, 0) as lifetime_monetary
from dim_action
left join listed on dim_action.action = listed.action
where dim_action.as_of = $as_of
order by dim_action.priority
