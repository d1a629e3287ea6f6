-- The exports of synthetic.py as canonical rows. `delivered` sorts as object, then row; `updated_at` is in UTC.

insert into in_orders by name
select
    訂單編號 as order_id,
    項次 as line_no,
    會員編號 as customer_id,
    'TPE' as branch_id,
    strptime(付款時間, '%Y/%m/%d %H:%M:%S')::date as paid_on,
    金額::decimal(18, 2) as amount,
    case 狀態 when '已付款' then 'paid' when '已退款' then 'refunded' when '已取消' then 'cancelled' end as status,
    case 類型 when '單次' then 'single' when '療程' then 'package' when '升單' then 'top_up' end as kind,
    科別 as department,
    品項 as item_id,
    成本::decimal(18, 2) as cost,
    堂數::bigint as package_sessions,
    介紹人 as referrer_id,
    strptime(更新時間, '%Y/%m/%d %H:%M:%S') at time zone 'Asia/Taipei' at time zone 'UTC' as updated_at,
    filename || printf('%08d', row_number() over ()) as delivered,
from read_csv(getvariable('folder') || '/orders/tpe-*.csv', all_varchar = true, filename = true, nullstr = '')
where 會員編號 is not null
    and 金額 not similar to '.*\.[0-9]{3,}'
    and try_strptime(付款時間, '%Y/%m/%d %H:%M:%S') is not null;

insert into in_orders by name
select
    order_id,
    line_no,
    customer_id,
    branch_id,
    (paid_at at time zone if(branch_id = 'NYC', 'America/New_York', 'Europe/Berlin'))::date as paid_on,
    amount,
    list_amount,
    cost,
    status,
    kind,
    department,
    item_id,
    package_sessions,
    referrer_id,
    staff_id,
    points,
    updated_at at time zone 'UTC' as updated_at,
    filename || printf('%08d', file_row_number) as delivered,
from read_parquet(getvariable('folder') || '/orders/world-*.parquet', filename = true, file_row_number = true);

insert into in_orders by name
select
    order_id,
    line_no,
    customer_id,
    branch as branch_id,
    (paid_at::timestamptz at time zone 'Pacific/Auckland')::date as paid_on,
    round(amount, 2)::decimal(18, 2) as amount,
    round(cost, 2)::decimal(18, 2) as cost,
    status,
    kind,
    department,
    item_id,
    package_sessions,
    referrer_id,
    updated_at::timestamptz at time zone 'UTC' as updated_at,
    filename || printf('%08d', row_number() over ()) as delivered,
from read_json(
    getvariable('folder') || '/orders/akl/*.ndjson',
    format = 'newline_delimited',
    filename = true,
    columns = {
        order_id: 'varchar',
        line_no: 'varchar',
        customer_id: 'varchar',
        branch: 'varchar',
        paid_at: 'varchar',
        amount: 'double',
        cost: 'double',
        status: 'varchar',
        kind: 'varchar',
        department: 'varchar',
        item_id: 'varchar',
        package_sessions: 'bigint',
        referrer_id: 'varchar',
        updated_at: 'varchar',
    }
);

insert into in_orders by name
select
    order_id,
    line_no,
    customer_id,
    'CLS' as branch_id,
    (paid_at::timestamp at time zone 'UTC' at time zone 'Asia/Taipei')::date as paid_on,
    amount::decimal(18, 2) as amount,
    'paid' as status,
    updated_at::timestamp as updated_at,
    filename || printf('%08d', row_number() over ()) as delivered,
from read_csv(getvariable('folder') || '/orders/cls-*.csv.gz', all_varchar = true, filename = true, nullstr = '');

insert into in_orders by name
select
    customer_id,
    'POP' as branch_id,
    paid_at::timestamp::date as paid_on,
    amount::decimal(18, 2) as amount,
    'paid' as status,
    'single' as kind,
    department,
    item_id,
    cost::decimal(18, 2) as cost,
    filename || printf('%08d', row_number() over ()) as delivered,
from read_csv(getvariable('folder') || '/orders/pop-*.csv', all_varchar = true, filename = true, nullstr = '');

insert into in_visits by name
select
    visit_id,
    customer_id,
    branch_id,
    case
        when visited_at similar to '.*(Z|[+-][0-9]{2}:[0-9]{2})'
            then (
                visited_at::timestamptz at time zone case branch_id
                    when 'TPE' then 'Asia/Taipei'
                    when 'NYC' then 'America/New_York'
                    when 'BER' then 'Europe/Berlin'
                    when 'AKL' then 'Pacific/Auckland'
                end
            )::date
        else visited_at::timestamp::date
    end as visited_on,
    department,
    item_id,
    kind,
    order_id,
    order_branch_id,
    status,
    updated_at::timestamptz at time zone 'UTC' as updated_at,
    filename || printf('%08d', row_number() over ()) as delivered,
from read_csv(getvariable('folder') || '/visits/*.csv', all_varchar = true, filename = true, nullstr = '');

insert into in_leads by name
select
    customer_id,
    branch_id,
    created_at::date as created_on,
    channel,
    updated_at::timestamptz at time zone 'UTC' as updated_at,
    printf('%08d', row_number() over ()) as delivered,
from read_csv(getvariable('folder') || '/leads.csv', all_varchar = true, nullstr = '');

insert into in_branches by name
select branch_id, region, coalesce(timezone, 'Asia/Taipei') as timezone,
from read_csv(getvariable('folder') || '/branches.csv', all_varchar = true, nullstr = '');

insert into in_items by name
select item_id, name, department, category, list_price::decimal(18, 2) as list_price,
from read_csv(getvariable('folder') || '/items.csv', all_varchar = true, nullstr = '');
