-- The demo's raw rows (all text) as the oracle's canonical rows. Times are the branch's own, so a day is as written.
-- Some rows can't be used: no customer, no such day or branch, a day to come, no amount.

create or replace macro day_of(moment) as
    case
        when regexp_full_match(moment, '[12][09][0-9]{2}[-/][0-9]{2}[-/][0-9]{2} .*') and moment < '2100'
            then replace(moment[:10], '/', '-')::date
    end;

-- Two branches write no zone: theirs is Taipei's.
create or replace macro instant_of(moment) as
    if(ends_with(moment, 'Z'), moment[:-2]::timestamp, replace(moment, '/', '-')::timestamp - interval 8 hour);

insert into in_orders by name
select
    order_id,
    line_no,
    customer_id,
    branch_id,
    day_of(paid_at) as paid_on,
    amount::decimal(18, 2) as amount,
    status,
    department,
    package_sessions::bigint as package_sessions,
    instant_of(updated_at) as updated_at,
    delivered,
    item_id,
    kind,
    referrer_id,
    campaign_id,
    staff_id,
    cost::decimal(18, 2) as cost,
from raw_orders
where customer_id is not null and day_of(paid_at) is not null and amount <> 'N/A' and branch_id <> 'ZZZ99';

insert into in_visits by name
select
    visit_id,
    customer_id,
    branch_id,
    day_of(visited_at) as visited_on,
    department,
    kind,
    order_id,
    order_branch_id,
    status,
    instant_of(updated_at) as updated_at,
    delivered,
    item_id,
from raw_visits
where customer_id is not null and day_of(visited_at) is not null and branch_id <> 'ZZZ99';

insert into in_leads by name
select
    customer_id,
    branch_id,
    day_of(created_at) as created_on,
    instant_of(updated_at) as updated_at,
    delivered,
    channel,
from raw_leads
where customer_id is not null and day_of(created_at) is not null;

insert into in_contacts by name
select
    contact_id,
    customer_id,
    branch_id,
    day_of(contacted_at) as contacted_on,
    action,
    outcome,
    instant_of(updated_at) as updated_at,
    delivered,
from raw_contacts
where customer_id is not null and day_of(contacted_at) is not null and branch_id <> 'ZZZ99';

insert into in_spend by name
select spent_on::date as spent_on, amount::decimal(18, 2) as amount, branch_id, channel
from raw_spend;
