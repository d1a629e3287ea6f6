-- Revenue of the chain is the sum of its branches, and that of the counted order lines of the period.
with
by_scope as (
    select
        sum(case when scope = 'chain' then revenue end) as chain_revenue,
        sum(case when scope = 'branch' then revenue end) as branch_revenue
    from fct_period_summary
),

by_line as (
    select coalesce(sum(amount), 0) as line_revenue from stg_orders
    where is_counted and paid_on >= $period_start
)

select
    by_scope.chain_revenue,
    by_scope.branch_revenue,
    by_line.line_revenue
from by_scope
cross join by_line
where
    by_scope.chain_revenue <> by_scope.branch_revenue
    or coalesce(by_scope.chain_revenue, by_scope.branch_revenue) <> by_line.line_revenue
