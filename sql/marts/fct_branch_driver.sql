-- Why each branch's revenue changed, to the period before and to the year before (to date): split into people,
-- frequency and price, one factor after the other. First the customers who came, at the earlier money of each; then the
-- days on which today's customers came, at the earlier money per day; then the rest, so that the parts add up exactly.
-- Grain: as_of, branch_id.
with
branches as (
    select scope_key, scope_id as branch_id from int_published_scope
    where scope = 'branch'
),

slots as (
    select
        branches.scope_key,
        run_slot.slot,
        coalesce(int_period_activity.revenue, 0) as revenue,
        coalesce(int_period_customer.consuming_customers, 0) as customers,
        coalesce(int_period_customer.consumption_days, 0) as days
    from run_slot
    cross join branches
    left join int_period_activity
        on branches.scope_key = int_period_activity.scope_key and run_slot.slot = int_period_activity.slot
    left join int_period_customer
        on branches.scope_key = int_period_customer.scope_key and run_slot.slot = int_period_customer.slot
),

compared as (
    select
        present.scope_key,
        before.slot,
        present.revenue,
        present.customers,
        present.days,
        before.revenue as before_revenue,
        before.customers as before_customers,
        before.days as before_days
    from slots as present
    inner join slots as before on present.scope_key = before.scope_key
    where present.slot = 'current' and before.slot <> 'current'
),

-- What today's customers, and then their days, would have brought at the earlier money of each.
expected as (
    select
        *,
        case
            when before_customers > 0 then cast(before_revenue as double) * customers / before_customers
            else cast(revenue as double)
        end as revenue_at_people,
        case
            when before_days > 0 then cast(before_revenue as double) * days / before_days
            else cast(revenue as double)
        end as revenue_at_frequency
    from compared
),

split as (
    select
        *,
        cast(round(revenue_at_people - cast(before_revenue as double), 2) as decimal(18, 2)) as people_effect,
        cast(round(revenue_at_frequency - revenue_at_people, 2) as decimal(18, 2)) as frequency_effect
    from expected
),

previous as (
    select * from split
    where slot = 'previous'
),

year_before as (
    select * from split
    where slot = 'year_before'
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    branches.branch_id,
    previous.revenue,
    previous.customers as consuming_customers,
    previous.days as consumption_days,
    previous.before_revenue as previous_revenue,
    previous.before_customers as previous_consuming_customers,
    previous.before_days as previous_consumption_days,
    previous.revenue - previous.before_revenue as revenue_change_from_previous,
    previous.people_effect as people_effect_from_previous,
    previous.frequency_effect as frequency_effect_from_previous,
    previous.revenue - previous.before_revenue - previous.people_effect - previous.frequency_effect
        as price_effect_from_previous,
    year_before.before_revenue as year_before_revenue,
    year_before.before_customers as year_before_consuming_customers,
    year_before.before_days as year_before_consumption_days,
    year_before.revenue - year_before.before_revenue as revenue_change_from_year_before,
    year_before.people_effect as people_effect_from_year_before,
    year_before.frequency_effect as frequency_effect_from_year_before,
    year_before.revenue - year_before.before_revenue - year_before.people_effect - year_before.frequency_effect
        as price_effect_from_year_before
from branches
inner join previous on branches.scope_key = previous.scope_key
inner join year_before on branches.scope_key = year_before.scope_key
order by branches.scope_key
