-- Of those with a reason to be contacted policy holds its share out, as far as chance goes: by six standard deviations
-- and one more.
with
lists as (
    select
        count(*) as customers,
        coalesce(sum(case when is_held_out then 1 else 0 end), 0) as held_out,
        cast($hold_out_below as double) / 4294967296 as share
    from fct_action_list
)

select
    customers,
    held_out,
    share
from lists
where abs(held_out - customers * share) > 6 * sqrt(customers * share * (1 - share)) + 1
