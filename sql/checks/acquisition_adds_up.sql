-- Branches' newcomers of the chain add up to the chain's, and so do those whom a customer brought; nobody is counted
-- who wasn't asked about; and what was spent in the period is what the funnel says of it.
with
groups as (
    select
        scope, scope_id, customers, new_customers, active_customers, dormant_stock, lost_stock, chain_new_customers,
        coalesce(referred_customers, 0) as referred_customers,
        coalesce(due_leads, 0) as due_leads,
        coalesce(converted_leads, 0) as converted_leads,
        acquisition_spend
    from fct_period_summary
    where scope in ('chain', 'branch')
),

sides as (
    select
        max(case when scope = 'chain' then chain_new_customers end) as chain_newcomers,
        max(case when scope = 'chain' then referred_customers end) as chain_referred,
        sum(case when scope = 'branch' then chain_new_customers else 0 end) as branch_newcomers,
        sum(case when scope = 'branch' then referred_customers else 0 end) as branch_referred,
        max(case when scope = 'branch' then 1 else 0 end) as has_branches
    from groups
),

spent as (
    select 'branch' as scope, branch_id as scope_id, spend from fct_acquisition_funnel
    where cohort_period = $period and branch_id is not null
    union all
    select 'chain' as scope, '*' as scope_id, spend from fct_acquisition_funnel
    where cohort_period = $period
),

spends as (
    select
        scope,
        scope_id,
        sum(spend) as spend
    from spent
    group by scope, scope_id
)

select
    groups.scope,
    groups.scope_id,
    groups.chain_new_customers,
    groups.acquisition_spend,
    coalesce(spends.spend, 0) as funnel_spend
from groups
left join spends on groups.scope = spends.scope and groups.scope_id = spends.scope_id
where
    groups.chain_new_customers > groups.new_customers
    or groups.referred_customers > groups.chain_new_customers
    or groups.converted_leads > groups.due_leads
    or groups.active_customers + groups.dormant_stock + groups.lost_stock > groups.customers
    or groups.acquisition_spend <> coalesce(spends.spend, 0)
union all
select
    'chain' as scope,
    '*' as scope_id,
    chain_newcomers as chain_new_customers,
    cast(null as decimal(18, 2)) as acquisition_spend,
    cast(null as decimal(18, 2)) as funnel_spend
from sides
where has_branches = 1 and (chain_newcomers <> branch_newcomers or chain_referred <> branch_referred)
