-- What each customer has brought so far, and what the next 365 days are expected to bring.
-- To come is told for the chain: its customers' parameters (fct_value_model) say nothing of a part of their days.
-- Grain: as_of, scope, scope_id, customer_id.
with
customers as (
    select
        scope_key,
        customer_key,
        first_consumed_on,
        last_consumed_on,
        $as_of - first_consumed_on as tenure_days,
        day_count(consumed_days) as consumption_days,
        lifetime_monetary,
        lifetime_profit,
        -- No history, no expectation.
        case when scope_key = $chain_scope_key then day_count(consumed_days) - 1 end as repeat_days,
        cast(last_consumed_on - first_consumed_on as bigint) as span_days,
        cast(repeat_monetary * 100 as bigint) as repeat_cents
    from int_customer_stage
    where first_consumed_on is not null
),

-- One row, first in its join: the engine holds what is on the left.
model as (
    select r, alpha, a, b, p, q, v from fct_value_model
),

expected as (
    select
        customers.*,
        alive_probability(
            customers.repeat_days, customers.span_days, cast(customers.tenure_days as bigint),
            model.r, model.alpha, model.a, model.b
        ) as alive_probability,
        expected_days(
            cast(365 as bigint), customers.repeat_days, customers.span_days, cast(customers.tenure_days as bigint),
            model.r, model.alpha, model.a, model.b
        ) as expected_consumption_days,
        expected_money(customers.repeat_days, customers.repeat_cents, model.p, model.q, model.v) as expected_money
    from model
    cross join customers
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    int_published_scope.scope,
    int_published_scope.scope_id,
    customer_id(expected.customer_key) as customer_id,
    expected.first_consumed_on,
    expected.last_consumed_on,
    expected.tenure_days,
    expected.consumption_days,
    expected.lifetime_monetary as revenue,
    expected.lifetime_profit as profit,
    expected.alive_probability,
    expected.expected_consumption_days,
    cast(expected.expected_consumption_days * expected.expected_money as decimal(18, 2)) as expected_value
from expected
inner join int_published_scope on expected.scope_key = int_published_scope.scope_key
order by expected.scope_key, expected.customer_key
