-- Everyone known to the chain by as_of, by id only.
-- Grain: as_of, customer_id.
with
customers as (
    select customer_key, department_key, known_on, first_consumed_on, last_consumed_on
    from int_customer_stage
    where scope_key = $chain_scope_key
),

leads as (
    select customer_key, branch_key, created_on, channel, campaign_id from int_lead
),

referrers as (
    select customer_key, referrer_key from int_referrer
),

points as (
    select
        customer_key,
        cast(sum(points_balance) as decimal(18, 2)) as points_balance
    from int_points
    group by customer_key
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    customer_id(customers.customer_key) as customer_id,
    customers.known_on,
    leads.created_on as lead_created_on,
    branch_id(leads.branch_key) as lead_branch_id,
    leads.channel,
    leads.campaign_id,
    customer_id(referrers.referrer_key) as referrer_id,
    department_id(customers.department_key) as department,
    customers.first_consumed_on,
    customers.last_consumed_on,
    points.points_balance
from customers
left join leads on customers.customer_key = leads.customer_key
left join referrers on customers.customer_key = referrers.customer_key
left join points on customers.customer_key = points.customer_key
order by customers.customer_key
