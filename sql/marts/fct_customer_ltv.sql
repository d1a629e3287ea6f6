-- What each customer has brought so far: money, profit and time.
-- Grain: as_of, scope, scope_id, customer_id.
with
customers as (
    select
        scope_key, customer_key, first_consumed_on, last_consumed_on, consumed_days,
        lifetime_monetary, lifetime_profit
    from int_customer_stage
    where first_consumed_on is not null
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    int_published_scope.scope,
    int_published_scope.scope_id,
    customer_id(customers.customer_key) as customer_id,
    customers.first_consumed_on,
    customers.last_consumed_on,
    $as_of - customers.first_consumed_on as tenure_days,
    day_count(customers.consumed_days) as consumption_days,
    customers.lifetime_monetary as revenue,
    customers.lifetime_profit as profit
from customers
inner join int_published_scope on customers.scope_key = int_published_scope.scope_key
order by customers.scope_key, customers.customer_key
