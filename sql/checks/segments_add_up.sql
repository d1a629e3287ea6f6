-- The head-counts of the eight segments sum to the customers of the scope group.
with
segments as (
    select scope, scope_id, count(*) as segmented_customers
    from fct_customer_rfm
    group by scope, scope_id
)

select
    summary.scope,
    summary.scope_id,
    summary.customers,
    segments.segmented_customers
from fct_period_summary as summary
left join segments on summary.scope = segments.scope and summary.scope_id = segments.scope_id
where summary.customers <> coalesce(segments.segmented_customers, 0)
