-- After which actions customers spend more than before: of those whose days after their last such action are over, how
-- many do, with Wilson's 95 % interval of the share (1.96 standard deviations).
-- Grain: action.
with
ranked as (
    select
        action,
        value_jump,
        row_number() over (partition by customer_id, action order by acted_on desc) as from_last
    from fct_high_value_action
    where as_of = $as_of and value_jump is not null
),

counted as (
    select
        action,
        cast(count(*) as double) as customers,
        cast(sum(case when value_jump > 0 then 1 else 0 end) as double) as risen
    from ranked
    where from_last = 1
    group by action
),

shares as (
    select
        action,
        customers,
        risen,
        risen / customers as share,
        1.96 * 1.96 / customers as weight
    from counted
),

intervals as (
    select
        action,
        customers,
        risen,
        share,
        (share + weight / 2) / (1 + weight) as middle,
        sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight) as half_width
    from shares
)

select
    action,
    cast(customers as bigint) as customers,
    cast(risen as bigint) as risen_customers,
    share as risen_share,
    middle - half_width as lowest_share,
    middle + half_width as highest_share
from intervals
order by share desc, action asc
