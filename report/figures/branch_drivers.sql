-- The change of each branch's revenue to the period before and to the year before, split one factor after the other:
-- customers who came, orders of each, money of each order. The last is what is left, so that the parts add up.
-- Grain: branch_id, compared_to.
with
metrics as (
    select branch_id, metric, value, previous_value, year_before_value
    from fct_branch_comparison
    where as_of = $as_of and metric in ('revenue', 'orders', 'consuming_customers')
),

slots as (
    select branch_id, 'previous' as compared_to, metric, value, previous_value as before_value
    from metrics
    union all
    select branch_id, 'year_before' as compared_to, metric, value, year_before_value as before_value
    from metrics
),

factors as (
    select
        branch_id,
        compared_to,
        max(case when metric = 'revenue' then value end) as revenue,
        max(case when metric = 'revenue' then before_value end) as revenue_before,
        max(case when metric = 'orders' then value end) as orders,
        max(case when metric = 'orders' then before_value end) as orders_before,
        max(case when metric = 'consuming_customers' then value end) as people,
        max(case when metric = 'consuming_customers' then before_value end) as people_before
    from slots
    group by branch_id, compared_to
),

effects as (
    select
        branch_id,
        compared_to,
        revenue,
        revenue_before,
        (people - people_before) * revenue_before / people_before as people_effect,
        (orders - people * orders_before / people_before) * revenue_before / orders_before as frequency_effect
    from factors
    where people_before > 0 and orders_before > 0
)

select
    branch_id,
    compared_to,
    revenue,
    revenue_before,
    people_effect,
    frequency_effect,
    revenue - revenue_before - people_effect - frequency_effect as price_effect
from effects
order by compared_to, branch_id
