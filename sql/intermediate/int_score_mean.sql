-- The mean score of a scope group's ranked customers, whichever rulers scored them, as sum and count so that comparing
-- with it stays exact.
-- Grain: scope_key, metric_no.
select
    scope_key,
    metric_no,
    sum(customers) as customers,
    sum(score_sum) as score_sum
from int_score_head_count
group by scope_key, metric_no
