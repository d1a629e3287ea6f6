-- The branches by revenue, with what else headquarters asks of each, and why the revenue changed.
-- Grain: branch.
select
    coalesce(max(dim_branch.name), branch_metrics.branch_id) as branch,
    max(branch_metrics.branch_rank) filter (where branch_metrics.metric = 'revenue') as rank,
    max(branch_metrics.value) filter (where branch_metrics.metric = 'revenue') as revenue,
    max(branch_metrics.share_of_chain) filter (where branch_metrics.metric = 'revenue') as share_of_chain,
    max(branch_metrics.value / nullif(branch_metrics.previous_value, 0) - 1)
        filter (where branch_metrics.metric = 'revenue') as to_previous,
    max(branch_metrics.value / nullif(branch_metrics.year_before_value, 0) - 1)
        filter (where branch_metrics.metric = 'revenue') as to_year_before,
    max(branch_metrics.value) filter (where branch_metrics.metric = 'consuming_customers') as consuming_customers,
    max(branch_metrics.value) filter (where branch_metrics.metric = 'new_customers') as new_customers,
    max(branch_metrics.value) filter (where branch_metrics.metric = 'average_transaction_value')
        as average_transaction_value,
    max(branch_metrics.value) filter (where branch_metrics.metric = 'retention_rate_to_date') as retention_rate_to_date,
    max(branch_metrics.value) filter (where branch_metrics.metric = 'repurchase_rate') as repurchase_rate,
    max(branch_drivers.people_effect) as people_effect,
    max(branch_drivers.frequency_effect) as frequency_effect,
    max(branch_drivers.price_effect) as price_effect
from branch_metrics
left join dim_branch on branch_metrics.branch_id = dim_branch.branch_id and dim_branch.as_of = $as_of
left join branch_drivers
    on branch_metrics.branch_id = branch_drivers.branch_id and branch_drivers.compared_to = 'previous'
group by branch_metrics.branch_id
