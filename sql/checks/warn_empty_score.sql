-- A score that nobody in the chain has: too many equal values for quintiles, or a threshold that nobody reaches.
with
rulers as (
    select metric, department, item_id, customers, head_count_1, head_count_2, head_count_3, head_count_4, head_count_5
    from fct_score_cut_point
    where scope = 'chain'
)

select
    metric,
    department,
    item_id,
    head_count_1,
    head_count_2,
    head_count_3,
    head_count_4,
    head_count_5
from rulers
where
    customers > 0
    and (head_count_1 = 0 or head_count_2 = 0 or head_count_3 = 0 or head_count_4 = 0 or head_count_5 = 0)
