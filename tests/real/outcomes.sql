-- Whether actions worked, from listed_then (the action list as of 90 days before, as the oracle computes it for that
-- day), the tables of stages.sql and held_out, the customers whom the key draws.

-- Wilson's 95 % interval of a share.
create or replace macro wilson(k, n) as {
    'low': (k + 1.92072941034706 - 1.959963984540054 * sqrt(k * (n - k) / n + 0.96036470517353)) / (n + 3.84145882069412),
    'high': (k + 1.92072941034706 + 1.959963984540054 * sqrt(k * (n - k) / n + 0.96036470517353)) / (n + 3.84145882069412),
};

-- Newcombe's of the difference of two.
create or replace macro newcombe(a, m, b, n) as {
    'uplift': a / m - b / n,
    'low': a / m - b / n - sqrt((a / m - wilson(a, m).low) ** 2 + (wilson(b, n).high - b / n) ** 2),
    'high': a / m - b / n + sqrt((wilson(a, m).high - a / m) ** 2 + (b / n - wilson(b, n).low) ** 2),
};

create or replace table contact as
select *
from in_contacts
qualify row_number() over (partition by branch_id, contact_id order by updated_at desc nulls last, delivered desc) = 1;

create or replace table follow_up as
with listed as (
    select listed_then.customer_id, listed_then.action, run.as_of - 90 as listed_on, run.as_of, outcome.*
    from listed_then
    cross join run
    cross join outcome
)

select
    listed.customer_id,
    listed.action,
    listed.has_hold_out,
    listed.has_hold_out and exists (from held_out where held_out.customer_id = listed.customer_id) as is_held_out,
    exists (
        from contact
        where contact.customer_id = listed.customer_id
            and contact.contacted_on - listed.listed_on between 1 and listed.contact_days
            and contact.contacted_on <= listed.as_of
            and coalesce(contact.action, listed.action) = listed.action
    ) as is_contacted,
    exists (
        from contact
        where contact.customer_id = listed.customer_id
            and contact.contacted_on - listed.listed_on between 1 and listed.contact_days
            and contact.contacted_on <= listed.as_of
            and coalesce(contact.action, listed.action) = listed.action
            and contact.outcome in ('reached', 'booked', 'refused')
    ) as is_reached,
    (
        select min(consumption_day.consumed_on) - listed.listed_on
        from consumption_day
        where consumption_day.known_on = listed.as_of
            and consumption_day.scope = 'chain'
            and consumption_day.customer_id = listed.customer_id
            and consumption_day.consumed_on > listed.listed_on
    ) as back_after,
    (
        select {
            '30': coalesce(sum(money_line.amount) filter (where paid_on - listed.listed_on <= 30), 0),
            '60': coalesce(sum(money_line.amount) filter (where paid_on - listed.listed_on <= 60), 0),
            '90': coalesce(sum(money_line.amount), 0),
        }
        from money_line
        where money_line.customer_id = listed.customer_id and paid_on - listed.listed_on between 1 and 90
    ) as money,
from listed;

create or replace table want_fct_action_outcome as
with grouped as (
    select
        *,
        case
            when is_held_out then 'held_out'
            when has_hold_out or not has_contacts then 'to_contact'
            when is_contacted then 'contacted'
            else 'not_contacted'
        end as customer_group,
    from follow_up
    cross join present
),

counted as (
    select
        action,
        customer_group,
        count(*) as n,
        count(*) filter (where is_contacted) as contacted,
        count(*) filter (where is_reached) as reached,
        count(*) filter (where back_after <= 30) as r30,
        count(*) filter (where back_after <= 60) as r60,
        count(*) filter (where back_after <= 90) as r90,
        sum(money['30']) as m30,
        sum(money['60']) as m60,
        sum(money['90']) as m90,
        avg(money['90']::double) as mean,
        var_samp(money['90']::double) as variance,
    from grouped
    group by all
),

pair as (
    select
        treated.action,
        treated.customer_group,
        control.customer_group as other,
        -- The action is that more are contacted: by a tenth of them at least, in whole numbers.
        other = 'held_out'
        and has_contacts
        and (treated.contacted * control.n - control.contacted * treated.n) * 10 < treated.n * control.n as is_untried,
        newcombe(treated.r30, treated.n, control.r30, control.n) as u30,
        newcombe(treated.r60, treated.n, control.r60, control.n) as u60,
        newcombe(treated.r90, treated.n, control.r90, control.n) as u90,
        -- At most so many more can have come, or stayed away, because they were contacted.
        if(has_contacts, treated.contacted * control.n - control.contacted * treated.n, null) as bound,
        abs(treated.r90 * control.n - control.r90 * treated.n) as moved,
        treated.mean - control.mean as more,
        if(
            treated.n >= 30 and control.n >= 30,
            1.959963984540054 * sqrt(treated.variance / treated.n + control.variance / control.n),
            null
        ) as give,
    from counted as treated
    inner join counted as control
        on treated.action = control.action
        and (treated.customer_group, control.customer_group)
        in (('to_contact', 'held_out'), ('contacted', 'not_contacted'))
    cross join present
),

sound as (from pair where not is_untried)

select
    counted.action,
    counted.customer_group,
    run.as_of - 90 as listed_on,
    counted.n as customers,
    if(has_contacts, counted.contacted, null) as contacted,
    if(has_contacts, counted.reached, null) as reached,
    counted.r30 as returned_30_days,
    counted.r60 as returned_60_days,
    counted.r90 as returned_90_days,
    counted.m30::decimal(18, 2) as revenue_30_days,
    counted.m60::decimal(18, 2) as revenue_60_days,
    counted.m90::decimal(18, 2) as revenue_90_days,
    counted.r90 / counted.n as return_rate_90_days,
    counted.mean as revenue_per_customer_90_days,
    sound.other as compared_with,
    case sound.other when 'held_out' then 'experiment' when 'not_contacted' then 'observational' end as basis,
    u30.uplift as uplift_30_days,
    u30.low as uplift_30_days_low,
    u30.high as uplift_30_days_high,
    u60.uplift as uplift_60_days,
    u60.low as uplift_60_days_low,
    u60.high as uplift_60_days_high,
    u90.uplift as uplift_90_days,
    u90.low as uplift_90_days_low,
    u90.high as uplift_90_days_high,
    case
        when counted.customer_group in ('held_out', 'not_contacted') then null
        when exists (
            from pair
            where pair.action = counted.action and pair.customer_group = counted.customer_group and pair.is_untried
        ) then 'not_tried'
        when sound.other is null then 'no_control'
        when (u90.low > 0 or u90.high < 0) and sound.moved > sound.bound then 'doubtful'
        when u90.low > 0 then 'higher'
        when u90.high < 0 then 'lower'
        else 'cannot_tell'
    end as verdict,
    sound.more as revenue_uplift,
    sound.more - sound.give as revenue_uplift_low,
    sound.more + sound.give as revenue_uplift_high,
from counted
cross join run
cross join present
left join sound using (action, customer_group);
