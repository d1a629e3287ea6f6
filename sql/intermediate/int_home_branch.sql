-- The branch that knows each customer best: of the last consumption day; of several that day the one with the most
-- money, then the first by id. For who never consumed, the branch they were first known at.
-- Grain: customer_key.
with
ranked as (
    select
        customer_key,
        scope_key as branch_key,
        row_number() over (
            partition by customer_key
            order by
                last_consumed_on desc nulls last,
                latest_revenue desc,
                case when last_consumed_on is null then known_on end,
                scope_key
        ) as place
    from int_customer_stage
    where scope_key < $chain_scope_key
)

select
    customer_key,
    branch_key
from ranked
where place = 1
