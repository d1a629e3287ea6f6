-- What the chain's customers have in common, by which value to come is told: BG/NBD for days, Gamma-Gamma for money.
-- Grain: as_of.
with
customers as (
    select
        day_count(consumed_days) - 1 as repeat_days,
        cast(last_consumed_on - first_consumed_on as bigint) as span_days,
        cast($as_of - first_consumed_on as bigint) as tenure_days,
        cast(repeat_monetary * 100 as bigint) as repeat_cents
    from int_customer_stage
    where scope_key = $chain_scope_key and first_consumed_on is not null
),

histories as (
    select
        repeat_days,
        span_days,
        tenure_days,
        count(*) as customers
    from customers
    group by repeat_days, span_days, tenure_days
),

days as (
    select
        bg_nbd(repeat_days, span_days, tenure_days, customers) as fit,
        coalesce(sum(customers), 0) as customers,
        coalesce(sum(case when repeat_days > 0 then customers end), 0) as returned_customers
    from histories
),

spendings as (
    select
        repeat_days,
        repeat_cents,
        count(*) as customers
    from customers
    where repeat_days > 0 and repeat_cents > 0
    group by repeat_days, repeat_cents
),

money as (
    select
        gamma_gamma(repeat_days, repeat_cents, customers) as fit,
        coalesce(sum(customers), 0) as returned_payers
    from spendings
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    days.customers,
    days.returned_customers,
    get_field(days.fit, 'outcome') as days_outcome,
    get_field(days.fit, 'r') as r,
    get_field(days.fit, 'alpha') as alpha,
    get_field(days.fit, 'a') as a,
    get_field(days.fit, 'b') as b,
    money.returned_payers,
    get_field(money.fit, 'outcome') as money_outcome,
    get_field(money.fit, 'p') as p,
    get_field(money.fit, 'q') as q,
    get_field(money.fit, 'v') as v
from days
cross join money
order by as_of
