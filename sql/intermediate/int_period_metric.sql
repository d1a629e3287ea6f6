-- What branches are compared by, a row each. Shares of the chain make sense for amounts and head-counts only.
-- Where nothing happened amounts and head-counts are 0, and rates and averages null. What only a whole period can tell
-- is there on its closing day.
-- Grain: scope_key, slot, metric.
with
scopes as (
    select branch_key as scope_key from int_branch
    union all
    select $chain_scope_key as scope_key
),

scope_slots as (
    select
        scopes.scope_key,
        run_slot.slot
    from scopes
    cross join run_slot
),

activity as (
    select
        scope_slots.scope_key,
        scope_slots.slot,
        coalesce(int_period_activity.revenue, 0) as revenue,
        coalesce(int_period_activity.paid, 0) as paid,
        coalesce(int_period_activity.visits, 0) as visits,
        coalesce(int_period_activity.paying_days, 0) as paying_days,
        coalesce(int_period_activity.orders, 0) as orders,
        case
            when int_period_activity.scope_key is null then cast(0 as decimal(18, 2))
            else int_period_activity.profit
        end as profit
    from scope_slots
    left join int_period_activity
        on scope_slots.scope_key = int_period_activity.scope_key and scope_slots.slot = int_period_activity.slot
),

customers as (
    select
        scope_slots.scope_key,
        scope_slots.slot,
        coalesce(int_period_customer.customers, 0) as customers,
        coalesce(int_period_customer.new_customers, 0) as new_customers,
        coalesce(int_period_customer.consuming_customers, 0) as consuming_customers,
        coalesce(int_period_customer.consumption_days, 0) as consumption_days,
        coalesce(int_period_customer.due_first_timers, 0) as due_first_timers,
        coalesce(int_period_customer.returned_first_timers, 0) as returned_first_timers,
        coalesce(int_period_customer.repurchasing_customers, 0) as repurchasing_customers,
        coalesce(int_period_customer.base_customers, 0) as base_customers,
        coalesce(int_period_customer.retained_customers, 0) as retained_customers
    from scope_slots
    left join int_period_customer
        on scope_slots.scope_key = int_period_customer.scope_key and scope_slots.slot = int_period_customer.slot
)

select scope_key, slot, 'revenue' as metric, true as has_share, cast(revenue as decimal(38, 16)) as value
from activity
union all
select scope_key, slot, 'orders' as metric, true as has_share, cast(orders as decimal(38, 16)) as value
from activity
union all
select
    scope_key, slot, 'visits' as metric, true as has_share,
    case when $has_visits then cast(visits as decimal(38, 16)) end as value
from activity
union all
select
    scope_key, slot, 'average_transaction_value' as metric, false as has_share,
    cast(cast(paid as double) / nullif(paying_days, 0) as decimal(38, 16)) as value
from activity
union all
select scope_key, slot, 'customers' as metric, true as has_share, cast(customers as decimal(38, 16)) as value
from customers
union all
select scope_key, slot, 'new_customers' as metric, true as has_share, cast(new_customers as decimal(38, 16)) as value
from customers
union all
select
    scope_key, slot, 'consuming_customers' as metric, true as has_share,
    cast(consuming_customers as decimal(38, 16)) as value
from customers
union all
select
    scope_key, slot, 'retention_rate' as metric, false as has_share,
    cast(cast(retained_customers as double) / nullif(base_customers, 0) as decimal(38, 16)) as value
from customers
where $is_period_end
union all
select
    scope_key, slot, 'retention_rate_to_date' as metric, false as has_share,
    cast(cast(retained_customers as double) / nullif(base_customers, 0) as decimal(38, 16)) as value
from customers
union all
select
    scope_key, slot, 'repurchase_rate' as metric, false as has_share,
    cast(cast(repurchasing_customers as double) / nullif(consuming_customers, 0) as decimal(38, 16)) as value
from customers
union all
select
    scope_key, slot, 'consumption_days' as metric, true as has_share, cast(consumption_days as decimal(38, 16)) as value
from customers
union all
select
    scope_key, slot, 'consumption_days_per_customer' as metric, false as has_share,
    cast(cast(consumption_days as double) / nullif(consuming_customers, 0) as decimal(38, 16)) as value
from customers
union all
select
    customers.scope_key,
    customers.slot,
    'revenue_per_consumption_day' as metric,
    false as has_share,
    cast(cast(activity.revenue as double) / nullif(customers.consumption_days, 0) as decimal(38, 16)) as value
from customers
inner join activity on customers.scope_key = activity.scope_key and customers.slot = activity.slot
union all
select scope_key, slot, 'profit' as metric, true as has_share, cast(profit as decimal(38, 16)) as value
from activity
union all
select
    scope_key, slot, 'second_visit_rate_90_days' as metric, false as has_share,
    cast(cast(returned_first_timers as double) / nullif(due_first_timers, 0) as decimal(38, 16)) as value
from customers
