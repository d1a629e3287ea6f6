-- The shares of each group that came back, each with the limits of Wilson's 95 % interval.
-- E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
-- Grain: action, customer_group, days.
with
counts as (
    select action, customer_group, customers, 30 as days, returned_30_days as returned from int_action_group
    union all
    select action, customer_group, customers, 60 as days, returned_60_days as returned from int_action_group
    union all
    select action, customer_group, customers, 90 as days, returned_90_days as returned from int_action_group
),

shares as (
    select
        action,
        customer_group,
        days,
        cast(customers as double) as customers,
        cast(returned as double) / customers as share,
        1.959963984540054 as z
    from counts
),

intervals as (
    select
        *,
        share + z * z / (2 * customers) as centre,
        z * sqrt(share * (1 - share) / customers + z * z / (4 * customers * customers)) as reach,
        1 + z * z / customers as scale
    from shares
)

select
    action,
    customer_group,
    days,
    share,
    (centre - reach) / scale as share_low,
    (centre + reach) / scale as share_high
from intervals
