-- Who buys each item at each branch and who left it, by value segment in the chain: buyers of this period by their
-- segment now; buyers of the period before who have not bought it in this one by their segment when this one began.
-- Grain: as_of, branch_id, item_id, segment.
with
customers as (
    select
        branch_key,
        item_key,
        customer_key,
        sum(case when slot = 'current' then buying_days else 0 end) as buying_days,
        sum(case when slot = 'previous' then buying_days else 0 end) as previous_buying_days
    from int_item_period
    group by branch_key, item_key, customer_key
),

heads as (
    select
        customers.branch_key,
        customers.item_key,
        scores.segment,
        1 as buyers,
        0 as left_buyers
    from customers
    inner join int_customer_score as scores
        on scores.scope_key = $chain_scope_key and customers.customer_key = scores.customer_key
    where customers.buying_days > 0
    union all
    select
        customers.branch_key,
        customers.item_key,
        opening_scores.segment,
        0 as buyers,
        1 as left_buyers
    from customers
    inner join opening.int_customer_score as opening_scores
        on opening_scores.scope_key = $chain_scope_key and customers.customer_key = opening_scores.customer_key
    where customers.buying_days = 0 and customers.previous_buying_days > 0
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
