-- The branch that knows each customer best: of the last consumption day; of several that day the one with the most
-- money, then the first by id. By policy that of the first consumption day; of several that day the first by id. For
-- who never consumed, the branch they were first known at.
-- Grain: customer_key.
with
parts as (
    select
        customer_key,
        scope_key as branch_key,
        case when $action_branch = 'first' then first_consumed_on end as won_on,
        case when $action_branch = 'latest' then last_consumed_on end as last_consumed_on,
        case when $action_branch = 'latest' then latest_revenue end as latest_revenue,
        case when last_consumed_on is null then known_on end as known_on
    from int_customer_stage
    where scope_key < $chain_scope_key
)

select
    customer_key,
    first_value(
        branch_key
        order by
            won_on asc nulls last, last_consumed_on desc nulls last, latest_revenue desc, known_on asc, branch_key asc
    ) as branch_key
from parts
group by customer_key
