-- A branch's change in revenue is its people, frequency and price effects together, to the cent, and its revenue that
-- of the period; who came has a day.
select
    drivers.branch_id,
    drivers.revenue,
    summary.revenue as summary_revenue,
    drivers.previous_revenue,
    drivers.people_effect_from_previous,
    drivers.frequency_effect_from_previous,
    drivers.price_effect_from_previous,
    drivers.year_before_revenue,
    drivers.people_effect_from_year_before,
    drivers.frequency_effect_from_year_before,
    drivers.price_effect_from_year_before,
    drivers.consuming_customers,
    drivers.consumption_days
from fct_branch_driver as drivers
left join fct_period_summary as summary
    on summary.scope = 'branch' and drivers.branch_id = summary.scope_id
where
    drivers.revenue_change_from_previous <> drivers.revenue - drivers.previous_revenue
    or drivers.revenue_change_from_previous
    <> drivers.people_effect_from_previous + drivers.frequency_effect_from_previous + drivers.price_effect_from_previous
    or drivers.revenue_change_from_year_before <> drivers.revenue - drivers.year_before_revenue
    or drivers.revenue_change_from_year_before
    <> drivers.people_effect_from_year_before
    + drivers.frequency_effect_from_year_before
    + drivers.price_effect_from_year_before
    or drivers.consumption_days < drivers.consuming_customers
    or drivers.revenue is distinct from summary.revenue
