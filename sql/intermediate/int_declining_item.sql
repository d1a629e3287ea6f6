-- Items that bring a branch so much less than in the period before that policy calls them declining.
-- Grain: branch_key, item_key.
with
compared as (
    select
        branch_key,
        item_key,
        sum(case when slot = 'current' then revenue else 0 end) as revenue,
        sum(case when slot = 'previous' then revenue else 0 end) as previous_revenue
    from int_item_period
    group by branch_key, item_key
)

select
    compared.branch_key,
    compared.item_key
from compared
cross join policy_item
where
    compared.previous_revenue > 0
    and compared.revenue <= compared.previous_revenue * policy_item.declining_share
