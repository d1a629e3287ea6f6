-- A score that nobody in the chain has: too many equal values for quintiles, or a threshold that nobody reaches.
with
-- A score that thresholds leave out has the cut point of the next better one, or none; score 1, where it is left out,
-- leaves score 2 the worst value there can be.
rulers as (
    select
        metric,
        department,
        item_id,
        customers,
        head_count_1,
        head_count_2,
        head_count_3,
        head_count_4,
        head_count_5,
        method = 'quintile' as is_complete,
        cut_point_2,
        cut_point_3,
        cut_point_4,
        cut_point_5,
        case metric
            when 'recency_days' then cast(9999999 as decimal(18, 2))
            when 'frequency' then cast(0 as decimal(18, 2))
            else cast('-9999999999999999.99' as decimal(18, 2))
        end as worst_value
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
    and (
        (head_count_1 = 0 and (is_complete or cut_point_2 is distinct from worst_value))
        or (head_count_2 = 0 and (is_complete or cut_point_2 <> coalesce(cut_point_3, cut_point_2 + 1)))
        or (head_count_3 = 0 and (is_complete or cut_point_3 <> coalesce(cut_point_4, cut_point_3 + 1)))
        or (head_count_4 = 0 and (is_complete or cut_point_4 <> coalesce(cut_point_5, cut_point_4 + 1)))
        or (head_count_5 = 0 and (is_complete or cut_point_5 is not null))
    )
