-- Each branch's figures beside the middle branch, the period before and the year before.
-- Grain: metric, branch_id.
select
    metric,
    branch_id,
    value,
    branch_rank,
    share_of_chain,
    chain_median,
    previous_value,
    year_before_value
from fct_branch_comparison
where
    as_of = $as_of
    and metric in (
        'revenue', 'consuming_customers', 'new_customers', 'average_transaction_value', 'retention_rate_to_date',
        'repurchase_rate'
    )
order by metric, branch_rank, branch_id
