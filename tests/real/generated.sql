-- The files of generated.py as canonical rows. `delivered` sorts as object, then row.

insert into in_branches by name
from read_parquet(getvariable('folder') || '/branches.parquet');

insert into in_items by name
from read_parquet(getvariable('folder') || '/items.parquet');

insert into in_orders by name
select
    orders.* exclude (paid_at, updated_at, quantity, filename, file_row_number),
    (orders.paid_at at time zone in_branches.timezone)::date as paid_on,
    orders.updated_at at time zone 'UTC' as updated_at,
    orders.filename || printf('%08d', orders.file_row_number) as delivered,
from read_parquet(
    getvariable('folder') || '/orders/*.parquet', filename = true, file_row_number = true
) as orders
inner join in_branches using (branch_id);

insert into in_visits by name
select
    visits.* exclude (visited_at, appointment_at, updated_at, filename, file_row_number),
    (visits.visited_at at time zone in_branches.timezone)::date as visited_on,
    visits.updated_at at time zone 'UTC' as updated_at,
    visits.filename || printf('%08d', visits.file_row_number) as delivered,
from read_parquet(
    getvariable('folder') || '/visits/*.parquet', filename = true, file_row_number = true
) as visits
inner join in_branches using (branch_id);

insert into in_leads by name
select
    leads.* exclude (created_at, campaign_id, filename, file_row_number),
    (leads.created_at at time zone coalesce(in_branches.timezone, 'Asia/Taipei'))::date as created_on,
    leads.filename || printf('%08d', leads.file_row_number) as delivered,
from read_parquet(
    getvariable('folder') || '/leads/*.parquet', filename = true, file_row_number = true
) as leads
left join in_branches using (branch_id);

insert into in_contacts by name
select
    contacts.* exclude (contacted_at, updated_at, channel, staff_id, filename, file_row_number),
    (contacts.contacted_at at time zone in_branches.timezone)::date as contacted_on,
    contacts.updated_at at time zone 'UTC' as updated_at,
    contacts.filename || printf('%08d', contacts.file_row_number) as delivered,
from read_parquet(
    getvariable('folder') || '/contacts/*.parquet', filename = true, file_row_number = true
) as contacts
inner join in_branches using (branch_id);

insert into in_spend by name
select spent_on, amount, branch_id, channel
from read_parquet(getvariable('folder') || '/spend.parquet');
