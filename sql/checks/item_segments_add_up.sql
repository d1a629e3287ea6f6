-- Of an item's buyers, and of those who left it, nobody is under two segments.
with
segmented as (
    select
        branch_id,
        item_id,
        sum(buyers) as segmented_buyers,
        sum(left_buyers) as segmented_left_buyers
    from fct_item_segment
    group by branch_id, item_id
)

select
    segmented.branch_id,
    segmented.item_id,
    performance.buyers,
    segmented.segmented_buyers,
    performance.left_buyers,
    segmented.segmented_left_buyers
from segmented
left join fct_item_performance as performance
    on segmented.branch_id = performance.branch_id and segmented.item_id = performance.item_id
where
    segmented.segmented_buyers > coalesce(performance.buyers, 0)
    or segmented.segmented_left_buyers > coalesce(performance.left_buyers, 0)
