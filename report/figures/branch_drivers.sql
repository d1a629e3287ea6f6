-- The change of each branch's revenue to the period before and to the year before, split into people, frequency and
-- price: those branches to which somebody came then.
-- Grain: branch_id, compared_to.
with
told as (
    select *
    from fct_branch_driver
    where as_of = $as_of
),

slots as (
    select
        branch_id,
        'previous' as compared_to,
        revenue,
        previous_revenue as revenue_before,
        people_effect_from_previous as people_effect,
        frequency_effect_from_previous as frequency_effect,
        price_effect_from_previous as price_effect
    from told
    where previous_consuming_customers > 0
    union all
    select
        branch_id,
        'year_before' as compared_to,
        revenue,
        year_before_revenue as revenue_before,
        people_effect_from_year_before as people_effect,
        frequency_effect_from_year_before as frequency_effect,
        price_effect_from_year_before as price_effect
    from told
    where year_before_consuming_customers > 0
)

select
    branch_id,
    compared_to,
    revenue,
    revenue_before,
    people_effect,
    frequency_effect,
    price_effect
from slots
order by compared_to, branch_id
