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
            as recalled_customers
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
    coalesce(customers.returned_first_timers, 0) as returned_first_timers
from int_published_scope
left join counts on int_published_scope.scope = counts.scope and int_published_scope.scope_id = counts.scope_id
left join customers on int_published_scope.scope_key = customers.scope_key
left join previous_customers on int_published_scope.scope_key = previous_customers.scope_key
left join activity on int_published_scope.scope_key = activity.scope_key
order by int_published_scope.scope_key
