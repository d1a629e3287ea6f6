-- What is left of each package that is neither used up nor expired, and what was paid for it: a session's share of the
-- package's price, which a refund of the order lowers in proportion. Half a cent goes up: all of it is in decimals.
-- Grain: order_branch_key, order_id.
with
packages as (
    select
        order_branch_key, order_id, customer_key, branch_key, department_key, item_key, sessions, sessions_used, amount,
        ended_on
    from int_package
    where ended_on > $as_of
),

-- Orders of which something was paid back by as_of.
refunded as (
    select
        order_branch_key,
        order_id,
        sum(case when is_sale then amount else 0 end) as sold,
        sum(amount) as kept
    from int_refunded_order_line
    where paid_on <= $as_of
    group by order_branch_key, order_id
)

select
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
    on packages.order_branch_key = refunded.order_branch_key and packages.order_id = refunded.order_id
