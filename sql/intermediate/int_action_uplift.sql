-- How many more of those to be contacted came back than of those held out, or of those contacted than of those who
-- weren't, with the limits of Newcombe's 95 % interval.
-- R. G. Newcombe, Interval estimation for the difference between independent proportions, 1998, method 10.
-- Grain: action, customer_group.
with
uplifts as (
    select
        treated.action,
        treated.customer_group,
        treated.days,
        treated.share - control.share as uplift,
        treated.share - control.share - sqrt(
            power(treated.share - treated.share_low, 2) + power(control.share_high - control.share, 2)
        ) as uplift_low,
        treated.share - control.share + sqrt(
            power(treated.share_high - treated.share, 2) + power(control.share - control.share_low, 2)
        ) as uplift_high
    from int_action_share as treated
    inner join int_action_share as control
        on treated.action = control.action and treated.days = control.days
    where
        (treated.customer_group = 'to_contact' and control.customer_group = 'held_out')
        or (treated.customer_group = 'contacted' and control.customer_group = 'not_contacted')
)

select
    action,
    customer_group,
    max(case when days = 30 then uplift end) as uplift_30_days,
    max(case when days = 30 then uplift_low end) as uplift_30_days_low,
    max(case when days = 30 then uplift_high end) as uplift_30_days_high,
    max(case when days = 60 then uplift end) as uplift_60_days,
    max(case when days = 60 then uplift_low end) as uplift_60_days_low,
    max(case when days = 60 then uplift_high end) as uplift_60_days_high,
    max(case when days = 90 then uplift end) as uplift_90_days,
    max(case when days = 90 then uplift_low end) as uplift_90_days_low,
    max(case when days = 90 then uplift_high end) as uplift_90_days_high
from uplifts
group by action, customer_group
