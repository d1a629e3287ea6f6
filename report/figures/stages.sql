-- The life stages with their names, and how many customers of the chain are in each, now and when the period opened.
-- Grain: stage.
with
moves as (
    select from_stage, to_stage, customers, monetary
    from fct_lifecycle_transition
    where as_of = $as_of and scope = 'chain'
),

closing as (
    select
        to_stage as stage,
        sum(customers) as customers,
        sum(monetary) as monetary
    from moves
    group by to_stage
),

opening as (
    select
        from_stage as stage,
        sum(customers) as customers
    from moves
    where from_stage is not null
    group by from_stage
)

select
    dim_stage.stage,
    dim_stage.name_zh_hant,
    dim_stage.name_zh_hans,
    dim_stage.name_en,
    dim_stage.meaning_zh_hant,
    dim_stage.meaning_zh_hans,
    dim_stage.meaning_en,
    coalesce(opening.customers, 0) as opening_customers,
    coalesce(closing.customers, 0) as customers,
    coalesce(closing.monetary, 0) as monetary
from dim_stage
left join opening on dim_stage.stage = opening.stage
left join closing on dim_stage.stage = closing.stage
where dim_stage.as_of = $as_of
order by dim_stage.sort_order
