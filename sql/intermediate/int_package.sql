-- Packages bought and not refunded by as_of: sessions used, and the day each one ended.
-- A package ends on the day its last session was used, or when it expires, whichever comes first.
-- Grain: order_id.
with
packages as (
    select
        order_id,
        min(customer_key) as customer_key,
        min(branch_key) as branch_key,
        min(paid_on) as paid_on,
        sum(package_sessions) as sessions
    from stg_orders
    where is_sale and kind = 'package' and package_sessions > 0 and paid_on <= $as_of
    group by order_id
),

kept as (
    select packages.* from packages
    where not exists (select 1 from int_voided_order where int_voided_order.order_id = packages.order_id)
),

sessions as (
    select
        order_id,
        visited_on,
        row_number() over (partition by order_id order by visited_on) as session_no
    from stg_visits
    where is_attended and kind = 'package_session' and visited_on <= $as_of
),

used as (
    select
        kept.order_id,
        kept.customer_key,
        kept.branch_key,
        kept.sessions,
        kept.paid_on + $package_valid_days as expires_on,
        count(sessions.session_no) as sessions_used,
        min(case when sessions.session_no = kept.sessions then sessions.visited_on end) as used_up_on
    from kept
    left join sessions on kept.order_id = sessions.order_id
    group by kept.order_id, kept.customer_key, kept.branch_key, kept.sessions, kept.paid_on
)

select
    order_id,
    customer_key,
    branch_key,
    sessions,
    sessions_used,
    least(coalesce(used_up_on, expires_on), expires_on) as ended_on
from used
