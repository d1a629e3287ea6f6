-- Each branch beside the others, the chain, the period before and the year before (to date), metric by metric.
-- Grain: as_of, branch_id, metric.
with
branches as (
    select scope_key, scope_id as branch_id from int_published_scope
    where scope = 'branch'
),

slot_values as (
    select scope_key, slot, metric, has_share, value
    from int_period_metric
),

metrics as (
    select metric, has_share from slot_values
    group by metric, has_share
),

current_values as (
    select scope_key, metric, value from slot_values
    where slot = 'current'
),

previous_values as (
    select scope_key, metric, value from slot_values
    where slot = 'previous'
),

year_before_values as (
    select scope_key, metric, value from slot_values
    where slot = 'year_before'
),

branch_values as (
    select
        branches.branch_id,
        branches.scope_key,
        metrics.metric,
        metrics.has_share,
        current_values.value,
        previous_values.value as previous_value,
        year_before_values.value as year_before_value
    from branches
    cross join metrics
    left join current_values
        on branches.scope_key = current_values.scope_key and metrics.metric = current_values.metric
    left join previous_values
        on branches.scope_key = previous_values.scope_key and metrics.metric = previous_values.metric
    left join year_before_values
        on branches.scope_key = year_before_values.scope_key and metrics.metric = year_before_values.metric
),

across_branches as (
    select
        metric,
        cast(sum(value) as double) / count(value) as chain_mean,
        cast(median(value) as double) as chain_median
    from branch_values
    group by metric
),

chain_values as (
    select metric, value from current_values
    where scope_key = $chain_scope_key
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    branch_values.branch_id,
    branch_values.metric,
    cast(branch_values.value as double) as value,
    case
        when branch_values.value is not null
            then rank() over (partition by branch_values.metric order by branch_values.value desc nulls last)
    end as branch_rank,
    case
        when branch_values.has_share
            then cast(branch_values.value as double) / nullif(cast(chain_values.value as double), 0)
    end as share_of_chain,
    cast(chain_values.value as double) as chain_value,
    across_branches.chain_mean,
    across_branches.chain_median,
    cast(branch_values.previous_value as double) as previous_value,
    cast(branch_values.year_before_value as double) as year_before_value,
    cast(branch_values.value as double) / nullif(cast(branch_values.previous_value as double), 0) - 1
        as change_from_previous,
    cast(branch_values.value as double) / nullif(cast(branch_values.year_before_value as double), 0) - 1
        as change_from_year_before
from branch_values
inner join across_branches on branch_values.metric = across_branches.metric
left join chain_values on branch_values.metric = chain_values.metric
order by branch_values.scope_key, branch_values.metric
