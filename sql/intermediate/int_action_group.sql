-- Those on the action list at the baseline, in the groups that are compared: where a share was held out, those to be
-- contacted and those held out; else those who were contacted and those who weren't; else all.
-- Sums are of decimals, so that they don't depend on the order of rows.
-- Grain: action, customer_group.
with
grouped as (
    select
        *,
        case
            when is_held_out then 'held_out'
            when has_hold_out or not $has_contacts then 'to_contact'
            when is_contacted then 'contacted'
            else 'not_contacted'
        end as customer_group
    from int_action_follow_up
)

select
    action,
    customer_group,
    count(*) as customers,
    sum(case when is_contacted then 1 else 0 end) as contacted,
    sum(case when is_reached then 1 else 0 end) as reached,
    sum(case when has_returned_30_days then 1 else 0 end) as returned_30_days,
    sum(case when has_returned_60_days then 1 else 0 end) as returned_60_days,
    sum(case when has_returned_90_days then 1 else 0 end) as returned_90_days,
    cast(sum(revenue_30_days) as decimal(18, 2)) as revenue_30_days,
    cast(sum(revenue_60_days) as decimal(18, 2)) as revenue_60_days,
    cast(sum(revenue_90_days) as decimal(18, 2)) as revenue_90_days,
    cast(sum(revenue_90_days * revenue_90_days) as double) as squared_revenue_90_days
from grouped
group by action, customer_group
