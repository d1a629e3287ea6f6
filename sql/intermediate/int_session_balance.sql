-- What is left at the end of each slot (run_slot) of each package that is neither used up nor expired by then, and
-- what was paid for it: a session's share of the package's price, which a refund of the order lowers in proportion;
-- half a cent goes up. A package that was paid back in full since isn't there.
-- Grain: slot, order_branch_key, order_id.
with
packages as (
    select
        run_slot.slot,
        int_package.order_branch_key,
        int_package.order_id,
        int_package.customer_key,
        int_package.branch_key,
        int_package.department_key,
        int_package.item_key,
        int_package.ended_on,
        int_package.sessions,
        int_package.amount,
        coalesce(
            count_days(sessions.session_days, nth_day(sessions.session_days, 1), run_slot.ends_on), 0
        ) as sessions_used
    from run_slot
    cross join int_package
    left join int_package_session as sessions
        on int_package.order_branch_key = sessions.order_branch_key and int_package.order_id = sessions.order_id
    where int_package.paid_on <= run_slot.ends_on and int_package.ended_on > run_slot.ends_on
),

-- Orders of which something was paid back by then.
refunded as (
    select
        run_slot.slot,
        lines.order_branch_key,
        lines.order_id,
        sum(case when lines.is_sale then lines.amount else 0 end) as sold,
        sum(lines.amount) as kept
    from run_slot
    cross join int_refunded_order_line as lines
    where lines.paid_on <= run_slot.ends_on
    group by run_slot.slot, lines.order_branch_key, lines.order_id
)

select
    packages.slot,
    packages.order_branch_key,
    packages.order_id,
    packages.customer_key,
    packages.branch_key,
    packages.department_key,
    packages.item_key,
    packages.ended_on,
    packages.sessions - packages.sessions_used as sessions_left,
    cast(
        round(
            packages.amount * coalesce(refunded.kept, 1) * (packages.sessions - packages.sessions_used)
            / (coalesce(nullif(refunded.sold, 0), 1) * packages.sessions),
            2
        )
        as decimal(18, 2)
    ) as value_left
from packages
left join refunded
    on
        packages.slot = refunded.slot
        and packages.order_branch_key = refunded.order_branch_key
        and packages.order_id = refunded.order_id
