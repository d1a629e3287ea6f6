-- Customers of the chain and their money in the window, by value segment.
-- Grain: segment.
with
members as (
    select
        segment,
        count(*) as customers,
        sum(monetary) as monetary
    from fct_customer_rfm
    where as_of = $as_of and scope = 'chain'
    group by segment
)

select
    dim_segment.segment,
    dim_segment.name_zh_hant,
    dim_segment.name_zh_hans,
    dim_segment.name_en,
    dim_segment.strategy_zh_hant,
    dim_segment.strategy_zh_hans,
    dim_segment.strategy_en,
    coalesce(members.customers, 0) as customers,
    coalesce(members.monetary, 0) as monetary
from dim_segment
left join members on dim_segment.segment = members.segment
where dim_segment.as_of = $as_of
order by dim_segment.sort_order
