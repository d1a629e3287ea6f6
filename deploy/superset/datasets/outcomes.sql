-- Whether the actions of the list worked, of those listed 90 days ago: differences in points, with 95 % intervals.
-- Grain: action.
select
    coalesce(action_outcomes.$name, action_outcomes.action) as action,
    coalesce(verdicts.label, action_outcomes.verdict) as outcome,
    coalesce(bases.label, action_outcomes.basis) as basis,
    action_outcomes.listed_customers as listed,
    action_outcomes.customers as to_contact,
    action_outcomes.contacted,
    action_outcomes.control_customers as control,
    action_outcomes.returned_90_days / nullif(action_outcomes.customers, 0) as returned,
    action_outcomes.control_returned_90_days / nullif(action_outcomes.control_customers, 0) as control_returned,
    100 * action_outcomes.uplift_90_days as uplift_points,
    100 * action_outcomes.uplift_90_days_low as uplift_low,
    100 * action_outcomes.uplift_90_days_high as uplift_high,
    action_outcomes.revenue_uplift as more_money,
    action_outcomes.revenue_uplift_low as more_money_low,
    action_outcomes.revenue_uplift_high as more_money_high
from action_outcomes
left join $texts_outcome as verdicts
    on
        verdicts.key = case
            when action_outcomes.verdict is null then concat('only_', action_outcomes.control_group)
            when action_outcomes.basis is null then action_outcomes.verdict
            else concat(action_outcomes.basis, '.', action_outcomes.verdict)
        end
left join $texts_basis as bases on bases.key = action_outcomes.basis
