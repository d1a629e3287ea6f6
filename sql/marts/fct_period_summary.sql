-- The seven questions of customer management per scope group and period, and the figures beside them. What only a
-- whole period can tell is null while it is open; to date, it stands beside the period before at the same day of it.
-- Grain: as_of, scope, scope_id.
with
states as (
    select
        scope, scope_id, stage, period_status, previous_period_status,
        vip_tier is not null as is_vip,
        previous_vip_tier is not null as was_vip
    from fct_lifecycle_snapshot
),

counts as (
    select
        scope,
        scope_id,
        sum(case when stage = 'potential' then 1 else 0 end) as leads,
        sum(case when period_status = 'active' then 1 else 0 end) as active_customers,
        sum(case when is_vip and not was_vip and previous_period_status = 'active' then 1 else 0 end)
            as active_to_vip_customers,
        sum(
            case
                when
                    period_status = 'dormant'
                    and previous_period_status <> 'dormant'
                    and (previous_period_status = 'active' or was_vip)
                    then 1
                else 0
            end
        ) as active_or_vip_to_dormant_customers,
        sum(case when period_status = 'lost' and previous_period_status <> 'lost' then 1 else 0 end) as lost_customers,
        sum(case when period_status = 'active' and previous_period_status = 'dormant' then 1 else 0 end)
            as reactivated_customers,
        sum(case when period_status = 'active' and previous_period_status = 'lost' then 1 else 0 end)
            as recalled_customers,
        sum(case when period_status = 'dormant' then 1 else 0 end) as dormant_stock,
        sum(case when period_status = 'lost' then 1 else 0 end) as lost_stock,
        sum(case when is_vip then 1 else 0 end) as vip_customers
    from states
    group by scope, scope_id
),

customers as (
    select
        scope_key, customers, new_customers, consuming_customers, consumption_days, due_first_timers,
        returned_first_timers, repurchasing_customers, base_customers, retained_customers,
        dormant_customers, lost_customers
    from int_period_customer
    where slot = 'current'
),

previous_customers as (
    select scope_key, base_customers, retained_customers, dormant_customers, lost_customers
    from int_period_customer
    where slot = 'previous'
),

activity as (
    select scope_key, revenue, paid, visits, paying_days, orders, profit
    from int_period_activity
    where slot = 'current'
),

-- Nobody is won for a department or an item, nor are points: they have no such figures.
acquisition as (
    select
        scope_key, chain_new_customers, referred_customers, due_leads, converted_leads, spend
    from int_period_acquisition
    where slot = 'current'
),

has_referrals as (
    select count(*) > 0 as has_referrals from int_referrer
),

points as (
    select
        branch_key as scope_key,
        sum(points_balance) as points_balance,
        sum(points_given) as points_given,
        sum(points_taken) as points_taken
    from int_points
    group by branch_key
    union all
    select
        $chain_scope_key as scope_key,
        sum(points_balance) as points_balance,
        sum(points_given) as points_given,
        sum(points_taken) as points_taken
    from int_points
),

has_points as (
    select count(*) > 0 as has_points from int_points
),

won_scopes as (
    select
        int_published_scope.scope_key,
        has_referrals.has_referrals,
        has_points.has_points
    from has_referrals
    cross join has_points
    cross join int_published_scope
    where int_published_scope.scope in ('chain', 'branch')
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    int_published_scope.scope,
    int_published_scope.scope_id,
    case when $has_leads then coalesce(counts.leads, 0) end as leads,
    coalesce(customers.customers, 0) as customers,
    coalesce(customers.new_customers, 0) as new_customers,
    coalesce(counts.active_customers, 0) as active_customers,
    case when $has_vip then coalesce(counts.active_to_vip_customers, 0) end as active_to_vip_customers,
    case when $is_period_end then coalesce(counts.active_or_vip_to_dormant_customers, 0) end
        as active_or_vip_to_dormant_customers,
    case when $is_period_end then coalesce(counts.lost_customers, 0) end as lost_customers,
    coalesce(counts.reactivated_customers, 0) as reactivated_customers,
    coalesce(counts.recalled_customers, 0) as recalled_customers,
    coalesce(customers.consuming_customers, 0) as consuming_customers,
    case when $has_visits then coalesce(activity.visits, 0) end as visits,
    coalesce(activity.orders, 0) as orders,
    coalesce(activity.revenue, 0) as revenue,
    coalesce(activity.paying_days, 0) as paying_days,
    cast(activity.paid as double) / nullif(activity.paying_days, 0) as average_transaction_value,
    case when $is_period_end then cast(customers.retained_customers as double) / nullif(customers.base_customers, 0) end
        as retention_rate,
    cast(customers.repurchasing_customers as double) / nullif(customers.consuming_customers, 0) as repurchase_rate,
    not $is_period_end as is_provisional,
    cast(customers.retained_customers as double) / nullif(customers.base_customers, 0) as retention_rate_to_date,
    cast(previous_customers.retained_customers as double) / nullif(previous_customers.base_customers, 0)
        as previous_retention_rate_to_date,
    coalesce(customers.dormant_customers, 0) as dormant_to_date_customers,
    coalesce(previous_customers.dormant_customers, 0) as previous_dormant_to_date_customers,
    coalesce(customers.lost_customers, 0) as lost_to_date_customers,
    coalesce(previous_customers.lost_customers, 0) as previous_lost_to_date_customers,
    coalesce(activity.paid, 0) as paid,
    coalesce(customers.consumption_days, 0) as consumption_days,
    case when activity.scope_key is null then cast(0 as decimal(18, 2)) else activity.profit end as profit,
    coalesce(customers.due_first_timers, 0) as due_first_timers,
    coalesce(customers.returned_first_timers, 0) as returned_first_timers,
    case when $has_vip then coalesce(counts.vip_customers, 0) end as vip_customers,
    cast(counts.active_customers as double) / nullif(customers.customers, 0) as active_rate,
    coalesce(counts.dormant_stock, 0) as dormant_stock,
    coalesce(counts.lost_stock, 0) as lost_stock,
    case when won_scopes.scope_key is not null then coalesce(acquisition.chain_new_customers, 0) end
        as chain_new_customers,
    case when won_scopes.has_referrals then coalesce(acquisition.referred_customers, 0) end as referred_customers,
    case when $has_leads and won_scopes.scope_key is not null then coalesce(acquisition.due_leads, 0) end as due_leads,
    case when $has_leads and won_scopes.scope_key is not null then coalesce(acquisition.converted_leads, 0) end
        as converted_leads,
    case
        when $has_spend and won_scopes.scope_key is not null
            then cast(coalesce(acquisition.spend, 0) as decimal(18, 2))
    end as acquisition_spend,
    case when won_scopes.has_points then cast(coalesce(points.points_given, 0) as decimal(18, 2)) end as points_given,
    case when won_scopes.has_points then cast(coalesce(points.points_taken, 0) as decimal(18, 2)) end as points_taken,
    case when won_scopes.has_points then cast(coalesce(points.points_balance, 0) as decimal(18, 2)) end
        as points_balance
from int_published_scope
left join counts on int_published_scope.scope = counts.scope and int_published_scope.scope_id = counts.scope_id
left join customers on int_published_scope.scope_key = customers.scope_key
left join previous_customers on int_published_scope.scope_key = previous_customers.scope_key
left join activity on int_published_scope.scope_key = activity.scope_key
left join won_scopes on int_published_scope.scope_key = won_scopes.scope_key
left join acquisition on int_published_scope.scope_key = acquisition.scope_key
left join points on int_published_scope.scope_key = points.scope_key
order by int_published_scope.scope_key
