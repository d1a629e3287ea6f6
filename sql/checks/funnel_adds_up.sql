-- Everybody known to the chain is in the funnel once, with all their money, and so is all that was spent.
with
funnel as (
    select
        coalesce(sum(leads), 0) as leads,
        coalesce(sum(revenue), 0) as revenue,
        coalesce(sum(spend), 0) as spend
    from fct_acquisition_funnel
),

customers as (
    select count(*) as customers from int_customer_stage
    where scope_key = $chain_scope_key
),

money as (
    select coalesce(sum(amount), 0) as revenue from stg_orders
    where is_counted
),

spent as (
    select coalesce(sum(amount), 0) as spend from stg_spend
)

select
    funnel.leads,
    customers.customers,
    funnel.revenue,
    money.revenue as line_revenue,
    funnel.spend,
    spent.spend as line_spend
from funnel
cross join customers
cross join money
cross join spent
where funnel.leads <> customers.customers or funnel.revenue <> money.revenue or funnel.spend <> spent.spend
