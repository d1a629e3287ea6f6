-- Whom to ask, item by item, why they stayed away: of an item that declines at a branch, who bought it there in the
-- period before and has not in this one, those who paid most for it first. Those whom policy holds out come last.
-- Grain: as_of, branch_id, item_id, customer_id.
with
listed as (
    select
        leavers.*,
        $hold_out_below > 0 and keyed_draw($hold_out_key, customer_id(leavers.customer_key)) < $hold_out_below
            as is_held_out
    from int_item_leaver as leavers
    inner join int_declining_item as declining
        on leavers.branch_key = declining.branch_key and leavers.item_key = declining.item_key
),

scores as (
    select customer_key, segment, recency_days
    from int_customer_score
    where scope_key = $chain_scope_key
),

opening_scores as (
    select customer_key, segment from opening.int_customer_score
    where scope_key = $chain_scope_key
),

stages as (
    select customer_key, stage from int_customer_stage
    where scope_key = $chain_scope_key
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    branch_id(listed.branch_key) as branch_id,
    item_id(listed.item_key) as item_id,
    customer_id(listed.customer_key) as customer_id,
    row_number() over (
        partition by listed.branch_key, listed.item_key
        order by listed.is_held_out asc, listed.previous_paid desc, listed.customer_key asc
    ) as item_rank,
    stages.stage,
    scores.segment,
    opening_scores.segment as previous_segment,
    scores.recency_days,
    listed.last_bought_on,
    listed.previous_buying_days,
    listed.previous_paid,
    actions.action,
    listed.is_held_out
from listed
inner join stages on listed.customer_key = stages.customer_key
left join scores on listed.customer_key = scores.customer_key
left join opening_scores on listed.customer_key = opening_scores.customer_key
left join int_customer_action as actions on listed.customer_key = actions.customer_key
order by listed.branch_key, listed.item_key, listed.customer_key
