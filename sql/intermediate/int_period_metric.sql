-- What branches are compared by, a row each. Shares of the chain make sense for amounts and head-counts only.
-- Where nothing happened amounts and head-counts are 0, and rates and averages null. What only a whole period can tell
-- is there on its closing day. VIPs of the previous period are those of the opening, where it is compared as a whole.
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

opening_vips as (
    select
        scope_key,
        count(*) as vip_customers
    from opening.int_customer_stage
    where vip_tier is not null and scope_key <= $chain_scope_key and $is_period_end
    group by scope_key
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
        coalesce(int_period_customer.retained_customers, 0) as retained_customers,
        int_period_customer.active_stock,
        int_period_customer.dormant_stock,
        int_period_customer.lost_stock,
        case scope_slots.slot
            when 'current' then coalesce(int_period_customer.vip_customers, 0)
            when 'previous' then case when $is_period_end then coalesce(opening_vips.vip_customers, 0) end
        end as vip_customers
    from scope_slots
    left join int_period_customer
        on scope_slots.scope_key = int_period_customer.scope_key and scope_slots.slot = int_period_customer.slot
    left join opening_vips on scope_slots.scope_key = opening_vips.scope_key
),

has_referrals as (
    select count(*) > 0 as has_referrals from int_referrer
),

acquisition as (
    select
        scope_slots.scope_key,
        scope_slots.slot,
        has_referrals.has_referrals,
        coalesce(int_period_acquisition.chain_new_customers, 0) as chain_new_customers,
        coalesce(int_period_acquisition.referred_customers, 0) as referred_customers,
        coalesce(int_period_acquisition.due_leads, 0) as due_leads,
        coalesce(int_period_acquisition.converted_leads, 0) as converted_leads,
        coalesce(int_period_acquisition.spend, 0) as spend
    from has_referrals
    cross join scope_slots
    left join int_period_acquisition
        on scope_slots.scope_key = int_period_acquisition.scope_key and scope_slots.slot = int_period_acquisition.slot
),

owed as (
    select
        scope_slots.scope_key,
        scope_slots.slot,
        coalesce(int_period_session.sessions_owed, 0) as sessions_owed,
        coalesce(int_period_session.value_owed, 0) as value_owed
    from scope_slots
    left join int_period_session
        on scope_slots.scope_key = int_period_session.scope_key and scope_slots.slot = int_period_session.slot
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
union all
select
    scope_key, slot, 'vip_customers' as metric, true as has_share,
    case when $has_vip then cast(vip_customers as decimal(38, 16)) end as value
from customers
union all
select
    scope_key, slot, 'active_rate' as metric, false as has_share,
    cast(cast(active_stock as double) / nullif(customers, 0) as decimal(38, 16)) as value
from customers
union all
select
    scope_key, slot, 'dormant_share' as metric, false as has_share,
    cast(cast(dormant_stock as double) / nullif(customers, 0) as decimal(38, 16)) as value
from customers
union all
select
    scope_key, slot, 'lost_share' as metric, false as has_share,
    cast(cast(lost_stock as double) / nullif(customers, 0) as decimal(38, 16)) as value
from customers
union all
select
    scope_key, slot, 'referral_share' as metric, false as has_share,
    case
        when has_referrals
            then cast(cast(referred_customers as double) / nullif(chain_new_customers, 0) as decimal(38, 16))
    end as value
from acquisition
union all
select
    scope_key, slot, 'lead_conversion_rate_90_days' as metric, false as has_share,
    case
        when $has_leads then cast(cast(converted_leads as double) / nullif(due_leads, 0) as decimal(38, 16))
    end as value
from acquisition
union all
select
    scope_key, slot, 'spend_per_new_customer' as metric, false as has_share,
    case
        when $has_spend then cast(cast(spend as double) / nullif(chain_new_customers, 0) as decimal(38, 16))
    end as value
from acquisition
union all
select
    scope_key, slot, 'sessions_owed' as metric, true as has_share, cast(sessions_owed as decimal(38, 16)) as value
from owed
union all
select scope_key, slot, 'value_owed' as metric, true as has_share, cast(value_owed as decimal(38, 16)) as value
from owed
