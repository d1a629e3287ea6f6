-- What branches are compared by, a row each. Shares of the chain make sense for amounts and head-counts only.
-- Grain: scope_key, slot, metric.
with
activity as (
    select scope_key, slot, revenue, visits, paying_days, orders from int_period_activity
),

customers as (
    select
        scope_key, slot, customers, new_customers, consuming_customers, repurchasing_customers,
        base_customers, retained_customers
    from int_period_customer
)

select scope_key, slot, 'revenue' as metric, true as has_share, cast(revenue as decimal(24, 6)) as value
from activity
union all
select scope_key, slot, 'orders' as metric, true as has_share, cast(orders as decimal(24, 6)) as value
from activity
union all
select
    scope_key, slot, 'visits' as metric, true as has_share,
    case when $has_visits then cast(visits as decimal(24, 6)) end as value
from activity
union all
select
    scope_key, slot, 'average_transaction_value' as metric, false as has_share,
    cast(cast(revenue as double) / nullif(paying_days, 0) as decimal(24, 6)) as value
from activity
union all
select scope_key, slot, 'customers' as metric, true as has_share, cast(customers as decimal(24, 6)) as value
from customers
union all
select scope_key, slot, 'new_customers' as metric, true as has_share, cast(new_customers as decimal(24, 6)) as value
from customers
union all
select
    scope_key, slot, 'consuming_customers' as metric, true as has_share,
    cast(consuming_customers as decimal(24, 6)) as value
from customers
union all
select
    scope_key, slot, 'retention_rate' as metric, false as has_share,
    cast(cast(retained_customers as double) / nullif(base_customers, 0) as decimal(24, 6)) as value
from customers
union all
select
    scope_key, slot, 'repurchase_rate' as metric, false as has_share,
    cast(cast(repurchasing_customers as double) / nullif(consuming_customers, 0) as decimal(24, 6)) as value
from customers
