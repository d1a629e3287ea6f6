-- Who buys each item at each branch and who left it, by value segment in the chain: buyers of this period by their
-- segment now; buyers of the period before who have not bought it in this one by their segment when this one began.
-- Grain: as_of, branch_id, item_id, segment.
with
buyers as (
    select branch_key, item_key, customer_key
    from int_item_period
    where slot = 'current' and buying_days > 0
),

heads as (
    select
        buyers.branch_key,
        buyers.item_key,
        scores.segment,
        1 as buyers,
        0 as left_buyers
    from buyers
    inner join int_customer_score as scores
        on scores.scope_key = $chain_scope_key and buyers.customer_key = scores.customer_key
    union all
    select
        leavers.branch_key,
        leavers.item_key,
        opening_scores.segment,
        0 as buyers,
        1 as left_buyers
    from int_item_leaver as leavers
    inner join opening.int_customer_score as opening_scores
        on opening_scores.scope_key = $chain_scope_key and leavers.customer_key = opening_scores.customer_key
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    branch_id(branch_key) as branch_id,
    item_id(item_key) as item_id,
    segment,
    sum(buyers) as buyers,
    sum(left_buyers) as left_buyers
from heads
group by branch_key, item_key, segment
order by branch_key, item_key, segment
