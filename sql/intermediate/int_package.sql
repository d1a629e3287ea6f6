-- Packages bought and not refunded by as_of: sessions used, and the day each one ended.
-- A package ends on the day its last session was used, or when it expires, whichever comes first.
-- Grain: order_branch_key, order_id.
with
packages as (
    select
        order_branch_key, order_id, customer_key, branch_key, department_key, item_key, paid_on, sessions, amount,
        paid_on + $package_valid_days as expires_on
    from int_package_order
    where
        paid_on <= $as_of
        and not exists (
            select 1 from int_voided_order
            where
                int_voided_order.order_branch_key = int_package_order.order_branch_key
                and int_voided_order.order_id = int_package_order.order_id
        )
),

sessions as (
    select
        order_branch_key,
        order_id,
        session_days,
        count_days(session_days, nth_day(session_days, 1), $as_of) as sessions_used
    from int_package_session
),

used as (
    select
        packages.*,
        coalesce(sessions.sessions_used, 0) as sessions_used,
        case
            when sessions.sessions_used >= packages.sessions then nth_day(sessions.session_days, packages.sessions)
        end as used_up_on
    from packages
    left join sessions
        on
            packages.order_branch_key = sessions.order_branch_key
            and packages.order_id = sessions.order_id
)

select
    order_branch_key,
    order_id,
    customer_key,
    branch_key,
    department_key,
    item_key,
    paid_on,
    sessions,
    amount,
    sessions_used,
    least(coalesce(used_up_on, expires_on), expires_on) as ended_on
from used
