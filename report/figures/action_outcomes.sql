-- Whether the actions of the list worked: of those listed 90 days ago, what became of those who were to be contacted
-- beside those held out; where nobody was held out, of those contacted beside those not. Money is per customer.
-- is_clear: an experiment that isn't doubtful, of whose difference an interval half as wide again has no 0 in it either
-- (2.9 standard deviations), so that of fifteen actions looked at together hardly one is told for nothing.
-- Grain: action.
with
groups as (
    select
        *,
        customer_group in ('held_out', 'not_contacted') as is_control
    from fct_action_outcome
    where as_of = $as_of
),

treated as (
    select *
    from groups
    where not is_control
),

control as (
    select *
    from groups
    where is_control
),

listed as (
    select
        action,
        max(listed_on) as listed_on,
        cast(sum(customers) as bigint) as listed_customers
    from groups
    group by action
)

select
    listed.action,
    dim_action.name_zh_hant,
    dim_action.name_zh_hans,
    dim_action.name_en,
    listed.listed_on,
    treated.basis,
    treated.verdict,
    control.customer_group as control_group,
    listed.listed_customers,
    treated.customers,
    treated.contacted,
    treated.reached,
    treated.returned_30_days,
    treated.returned_60_days,
    treated.returned_90_days,
    treated.revenue_per_customer_90_days as revenue_per_customer,
    control.customers as control_customers,
    control.contacted as control_contacted,
    control.returned_30_days as control_returned_30_days,
    control.returned_60_days as control_returned_60_days,
    control.returned_90_days as control_returned_90_days,
    control.revenue_per_customer_90_days as control_revenue_per_customer,
    treated.uplift_30_days,
    treated.uplift_30_days_low,
    treated.uplift_30_days_high,
    treated.uplift_60_days,
    treated.uplift_60_days_low,
    treated.uplift_60_days_high,
    treated.uplift_90_days,
    treated.uplift_90_days_low,
    treated.uplift_90_days_high,
    treated.revenue_uplift,
    treated.revenue_uplift_low,
    treated.revenue_uplift_high,
    coalesce(
        treated.basis = 'experiment'
        and treated.verdict <> 'doubtful'
        and (
            treated.uplift_90_days - 1.5 * (treated.uplift_90_days - treated.uplift_90_days_low) > 0
            or treated.uplift_90_days + 1.5 * (treated.uplift_90_days_high - treated.uplift_90_days) < 0
        ),
        false
    ) as is_clear
from listed
left join treated on listed.action = treated.action
left join control on listed.action = control.action
left join dim_action on listed.action = dim_action.action and dim_action.as_of = $as_of
order by treated.uplift_90_days desc nulls last, listed.listed_customers desc, listed.action asc
