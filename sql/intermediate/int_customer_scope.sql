-- Each customer in each scope group, in one pass over their days (customer_scopes).
-- Grain: scope_key, customer_key.
with
-- Where the window of frequency and money begins for whom a department or an item stands.
department_windows as (
    select
        department_key,
        $as_of - window_days + 1 as window_start
    from policy_of_department
),

item_windows as (
    select
        item_key,
        $as_of - window_days + 1 as window_start
    from policy_of_item
),

days as (
    select
        int_consumption_day.*,
        department_windows.window_start
    from int_consumption_day
    left join department_windows
        on int_consumption_day.department_key is not distinct from department_windows.department_key
),

item_days as (
    select
        int_item_day.*,
        coalesce(item_windows.window_start, department_windows.window_start) as window_start,
        coalesce(item_windows.window_start, $window_start) as other_window_start
    from int_item_day
    left join item_windows on int_item_day.item_key = item_windows.item_key
    left join department_windows
        on int_item_day.department_key is not distinct from department_windows.department_key
    where $has_item_scope
),

branch_scopes as (
    select
        customer_key,
        customer_scopes(
            case when $has_branch_scope then branch_key end, department_key, day, revenue, kept_revenue, profit,
            lines_without_profit, sales, is_consumption, window_start, $window_start,
            $chain_scope_key, case when $has_department_scope then $department_scope_key end, $has_history
        ) as scopes
    from days
    group by customer_key
),

item_scopes as (
    select
        customer_key,
        customer_scopes(
            scope_key('item', cast(null as int), department_key, item_key), department_key, day, revenue, kept_revenue,
            profit, lines_without_profit, sales, is_consumption, window_start, other_window_start,
            cast(null as int), cast(null as int), $has_history
        ) as scopes
    from item_days
    group by customer_key
),

customers as (
    select * from branch_scopes
    union all
    select * from item_scopes
),

scopes as (
    select
        customer_key,
        unnest(scopes) as scope
    from customers
),

item_policies as (
    select
        scope_key('item', cast(null as int), cast(null as int), item_key) as scope_key,
        policy_no
    from policy_of_item
),

scope_rows as (
    select
        customer_key,
        get_field(scope, 'scope_key') as scope_key,
        get_field(scope, 'known_on') as known_on,
        get_field(scope, 'first_consumed_on') as first_consumed_on,
        get_field(scope, 'last_consumed_on') as last_consumed_on,
        get_field(scope, 'consumed_days') as consumed_days,
        get_field(scope, 'paid_days') as paid_days,
        get_field(scope, 'paid_cents') as paid_cents,
        get_field(scope, 'department_key') as department_key,
        get_field(scope, 'latest_revenue') as latest_revenue,
        get_field(scope, 'monetary') as monetary,
        get_field(scope, 'lifetime_monetary') as lifetime_monetary,
        get_field(scope, 'repeat_monetary') as repeat_monetary,
        case when get_field(scope, 'lines_without_profit') = 0 then get_field(scope, 'lifetime_profit') end
            as lifetime_profit,
        get_field(scope, 'lines') as lines
    from scopes
)

select
    scope_rows.scope_key,
    scope_rows.customer_key,
    scope_rows.known_on,
    scope_rows.first_consumed_on,
    scope_rows.last_consumed_on,
    scope_rows.consumed_days,
    scope_rows.paid_days,
    scope_rows.paid_cents,
    scope_rows.department_key,
    scope_rows.latest_revenue,
    coalesce(item_policies.policy_no, policy_of_department.policy_no) as policy_no,
    scope_rows.monetary,
    scope_rows.lifetime_monetary,
    scope_rows.repeat_monetary,
    scope_rows.lifetime_profit,
    scope_rows.lines
from scope_rows
left join item_policies on scope_rows.scope_key = item_policies.scope_key
left join policy_of_department
    on scope_rows.department_key is not distinct from policy_of_department.department_key
