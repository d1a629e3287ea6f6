-- What became of those who were on the action list at the baseline: contacted within the days of policy, for this
-- action or for none that is told; came back within 30, 60 and 90 days; and paid how much, refunds taken off.
-- Grain: customer_key.
with
listed as (
    select customer_key, action, has_hold_out, is_held_out from baseline.int_customer_action
),

-- Who was of no branch by then was on no branch's list.
days as (
    select
        customer_key,
        bool_or(branch_key is not null and day <= $baseline) as is_of_branch,
        min(case when is_consumption and day > $baseline then day end) as returned_on,
        sum(case when day > $baseline and day <= $baseline + 30 then revenue else 0 end) as revenue_30_days,
        sum(case when day > $baseline and day <= $baseline + 60 then revenue else 0 end) as revenue_60_days,
        sum(case when day > $baseline then revenue else 0 end) as revenue_90_days
    from int_consumption_day
    group by customer_key
),

contacts as (
    select customer_key, action, is_reached
    from stg_contacts
    where contacted_on > $baseline and contacted_on <= $baseline + $contact_days
),

contacted as (
    select
        listed.customer_key,
        bool_or(coalesce(contacts.is_reached, false)) as is_reached
    from contacts
    inner join listed
        on
            contacts.customer_key = listed.customer_key
            and (contacts.action is null or contacts.action = listed.action)
    group by listed.customer_key
)

select
    listed.customer_key,
    listed.action,
    listed.has_hold_out,
    listed.is_held_out,
    contacted.customer_key is not null as is_contacted,
    coalesce(contacted.is_reached, false) as is_reached,
    coalesce(days.returned_on <= $baseline + 30, false) as has_returned_30_days,
    coalesce(days.returned_on <= $baseline + 60, false) as has_returned_60_days,
    days.returned_on is not null as has_returned_90_days,
    cast(days.revenue_30_days as decimal(18, 2)) as revenue_30_days,
    cast(days.revenue_60_days as decimal(18, 2)) as revenue_60_days,
    cast(days.revenue_90_days as decimal(18, 2)) as revenue_90_days
from listed
inner join days on listed.customer_key = days.customer_key
left join contacted on listed.customer_key = contacted.customer_key
where days.is_of_branch
