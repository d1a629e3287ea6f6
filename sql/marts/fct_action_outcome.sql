-- Whether the actions of the list worked: what became of those who were on it 90 days ago, group by group, and how much
-- more came back, and was paid, of those to be contacted.
-- Money: the difference of the means per customer, with the limits of its 95 % interval by the normal approximation,
-- variances apart; none below 30 customers in either group.
-- Grain: as_of, action, customer_group.
with
groups as (
    select
        *,
        cast(revenue_90_days as double) / customers as mean_revenue,
        case
            when customers >= 30
                then
                    greatest(
                        squared_revenue_90_days - cast(revenue_90_days as double) * revenue_90_days / customers, 0
                    ) / (customers - 1) / customers
        end as squared_error,
        case customer_group
            when 'to_contact' then 'held_out'
            when 'contacted' then 'not_contacted'
        end as control_group
    from int_action_group
),

-- Where hardly more of those to be contacted were contacted than of those held out, what differs isn't the action's.
-- Nor can it be the action's alone where it is greater than the share by which more were contacted.
compared as (
    select
        treated.*,
        control.customers is not null as has_control,
        coalesce(
            treated.customer_group = 'to_contact' and $has_contacts
            and 10 * (treated.contacted * control.customers - control.contacted * treated.customers)
            < treated.customers * control.customers,
            false
        ) as is_untried,
        coalesce(
            $has_contacts
            and abs(treated.returned_90_days * control.customers - control.returned_90_days * treated.customers)
            > treated.contacted * control.customers - control.contacted * treated.customers,
            false
        ) as is_beyond_contacts,
        treated.mean_revenue - control.mean_revenue as revenue_uplift,
        1.959963984540054 * sqrt(treated.squared_error + control.squared_error) as revenue_reach
    from groups as treated
    left join groups as control
        on treated.action = control.action and treated.control_group = control.customer_group
),

told as (
    select
        compared.*,
        compared.has_control and not compared.is_untried as is_compared,
        uplifts.uplift_30_days,
        uplifts.uplift_30_days_low,
        uplifts.uplift_30_days_high,
        uplifts.uplift_60_days,
        uplifts.uplift_60_days_low,
        uplifts.uplift_60_days_high,
        uplifts.uplift_90_days,
        uplifts.uplift_90_days_low,
        uplifts.uplift_90_days_high
    from compared
    left join int_action_uplift as uplifts
        on compared.action = uplifts.action and compared.customer_group = uplifts.customer_group
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    action,
    customer_group,
    $baseline as listed_on,
    customers,
    case when $has_contacts then contacted end as contacted,
    case when $has_contacts then reached end as reached,
    returned_30_days,
    returned_60_days,
    returned_90_days,
    revenue_30_days,
    revenue_60_days,
    revenue_90_days,
    cast(returned_90_days as double) / customers as return_rate_90_days,
    mean_revenue as revenue_per_customer_90_days,
    case when is_compared then control_group end as compared_with,
    case when is_compared then case customer_group when 'to_contact' then 'experiment' else 'observational' end end
        as basis,
    case when is_compared then uplift_30_days end as uplift_30_days,
    case when is_compared then uplift_30_days_low end as uplift_30_days_low,
    case when is_compared then uplift_30_days_high end as uplift_30_days_high,
    case when is_compared then uplift_60_days end as uplift_60_days,
    case when is_compared then uplift_60_days_low end as uplift_60_days_low,
    case when is_compared then uplift_60_days_high end as uplift_60_days_high,
    case when is_compared then uplift_90_days end as uplift_90_days,
    case when is_compared then uplift_90_days_low end as uplift_90_days_low,
    case when is_compared then uplift_90_days_high end as uplift_90_days_high,
    case
        when control_group is null then null
        when not has_control then 'no_control'
        when is_untried then 'not_tried'
        when uplift_90_days_low <= 0 and uplift_90_days_high >= 0 then 'cannot_tell'
        when is_beyond_contacts then 'doubtful'
        when uplift_90_days > 0 then 'higher'
        else 'lower'
    end as verdict,
    case when is_compared then revenue_uplift end as revenue_uplift,
    case when is_compared then revenue_uplift - revenue_reach end as revenue_uplift_low,
    case when is_compared then revenue_uplift + revenue_reach end as revenue_uplift_high
from told
order by action, customer_group
