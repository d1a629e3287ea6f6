-- Points (積分) that order lines gave to each customer at each branch by as_of, less those that they took, and both of
-- this period. Empty where no line tells of points.
-- Grain: branch_key, customer_key.
with
lines as (
    select branch_key, customer_key, paid_on, points from stg_orders
    where is_counted and points <> 0
)

select
    branch_key,
    customer_key,
    cast(sum(points) as decimal(18, 2)) as points_balance,
    cast(sum(case when paid_on >= $period_start and points > 0 then points else 0 end) as decimal(18, 2))
        as points_given,
    cast(-sum(case when paid_on >= $period_start and points < 0 then points else 0 end) as decimal(18, 2))
        as points_taken
from lines
group by branch_key, customer_key
