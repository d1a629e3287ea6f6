-- The branch that knows each customer best: of the last consumption day; of several that day the one with the most
-- money, then the first by id. For who never consumed, the branch they were first known at.
-- Grain: customer_key.
with
parts as (
    select
        customer_key,
        scope_key as branch_key,
        last_consumed_on,
        latest_revenue,
        case when last_consumed_on is null then known_on end as known_on
    from int_customer_stage
    where scope_key < $chain_scope_key
)

select
    customer_key,
    first_value(
        branch_key order by last_consumed_on desc nulls last, latest_revenue desc, known_on asc, branch_key asc
    ) as branch_key
from parts
group by customer_key
