-- High-value actions in the window: first purchase with a package or top-up in it, second purchase, package, top-up,
-- a campaign's offer, referral, new department.
-- Of several branches on that day the one with the most money stands for all, then the first by id; of its departments
-- likewise. Where every sale was refunded in full is no such place.
-- A discount is told of acts that lines tell of, where each of them has its list amount.
-- Whom a referral brought is told by brought_key, which other actions haven't.
-- Grain: customer_key, action, acted_on, brought_key.
with
days as (
    select customer_key, branch_key, department_key, day, revenue, sales, is_consumption
    from int_consumption_day
    where branch_key is not null and day >= $window_start
),

chain_customers as (
    select customer_key, first_consumed_on
    from int_customer_stage
    where scope_key = $chain_scope_key
),

second_purchases as (
    select customer_key, second_bought_on
    from int_purchase
    where second_bought_on >= $window_start
),

new_departments as (
    select
        departments.customer_key,
        departments.department_key,
        departments.first_consumed_on
    from int_customer_department as departments
    inner join chain_customers on departments.customer_key = chain_customers.customer_key
    where
        departments.first_consumed_on >= $window_start
        and departments.first_consumed_on > chain_customers.first_consumed_on
        and departments.department_key is not null
),

-- Who comes for the first time and names somebody else.
referred as (
    select distinct referrer_key, customer_key, paid_on from int_act_line
    where
        is_first_purchase and referrer_key <> customer_key
        and exists (select 1 from chain_customers where chain_customers.customer_key = int_act_line.referrer_key)
),

-- Acts that a day tells of: by whom, and whose day it was.
day_acts as (
    select
        customer_key as actor_key,
        customer_key,
        cast(null as int) as brought_key,
        second_bought_on as acted_on,
        cast(null as int) as department_key,
        'second_purchase' as action
    from second_purchases
    union all
    select
        customer_key as actor_key,
        customer_key,
        cast(null as int) as brought_key,
        first_consumed_on as acted_on,
        department_key,
        'new_department' as action
    from new_departments
    union all
    select
        referrer_key as actor_key,
        customer_key,
        customer_key as brought_key,
        paid_on as acted_on,
        cast(null as int) as department_key,
        'referral' as action
    from referred
),

acts as (
    select
        day_acts.actor_key as customer_key,
        day_acts.action,
        day_acts.acted_on,
        day_acts.brought_key,
        days.branch_key,
        days.department_key,
        days.revenue as amount,
        cast(null as decimal(18, 2)) as discount,
        cast(null as text) as campaign_id,
        case day_acts.action when 'new_department' then days.is_consumption else days.sales > 0 end as stands
    from day_acts
    inner join days
        on
            day_acts.customer_key = days.customer_key
            and day_acts.acted_on = days.day
            and (day_acts.department_key is null or day_acts.department_key = days.department_key)
    union all
    select
        customer_key,
        kind as action,
        paid_on as acted_on,
        cast(null as int) as brought_key,
        branch_key,
        department_key,
        amount,
        discount,
        cast(null as text) as campaign_id,
        true as stands
    from int_act_line
    where kind in ('package', 'top_up')
    union all
    select
        customer_key,
        'campaign' as action,
        paid_on as acted_on,
        cast(null as int) as brought_key,
        branch_key,
        department_key,
        amount,
        discount,
        campaign_id,
        true as stands
    from int_act_line
    where campaign_id is not null
    union all
    select
        customer_key,
        'first_purchase' as action,
        paid_on as acted_on,
        cast(null as int) as brought_key,
        branch_key,
        department_key,
        amount,
        discount,
        cast(null as text) as campaign_id,
        true as stands
    from int_act_line
    where kind in ('package', 'top_up') and is_first_purchase
),

places as (
    select
        customer_key,
        action,
        acted_on,
        brought_key,
        branch_key,
        department_key,
        sum(amount) as amount,
        case when bool_and(discount is not null) then sum(discount) end as discount,
        min(campaign_id) as campaign_id,
        bool_or(stands) as stands
    from acts
    group by customer_key, action, acted_on, brought_key, branch_key, department_key
),

branches as (
    select
        customer_key,
        action,
        acted_on,
        brought_key,
        branch_key,
        first_value(department_key order by amount desc, department_key asc nulls last) filter (where stands)
            as department_key,
        sum(amount) as amount,
        case when bool_and(discount is not null) then sum(discount) end as discount,
        min(campaign_id) as campaign_id,
        bool_or(stands) as stands
    from places
    group by customer_key, action, acted_on, brought_key, branch_key
)

select
    customer_key,
    action,
    acted_on,
    brought_key,
    first_value(branch_key order by amount desc, branch_key asc) filter (where stands) as branch_key,
    first_value(department_key order by amount desc, branch_key asc) filter (where stands) as department_key,
    sum(amount) as amount,
    case when bool_and(discount is not null) then sum(discount) end as discount,
    min(campaign_id) as campaign_id
from branches
group by customer_key, action, acted_on, brought_key
having bool_or(stands)
