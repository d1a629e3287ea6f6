-- Money per scope group, period of the customers' first consumption there, and period in which it was paid.
-- Grain: scope_key, cohort_no, period_no.
with
money as (
    select scope_key, cohort_no, period_no, revenue from int_cohort_part
    where cohort_no is not null
    union all
    select $chain_scope_key as scope_key, chain_cohort_no as cohort_no, period_no, revenue from int_cohort_part
    where scope_key < $chain_scope_key
)

select
    scope_key,
    cohort_no,
    period_no,
    sum(revenue) as revenue
from money
group by scope_key, cohort_no, period_no
