-- Nobody is on two branches' lists, and the dead beyond recall are on none.
with
listed as (
    select
        customer_id,
        count(*) as lists,
        min(stage) as stage
    from fct_action_list
    group by customer_id
),

beyond_recall as (
    select customer_id
    from fct_lifecycle_snapshot
    where scope = 'chain' and is_beyond_recall
)

select
    listed.customer_id,
    listed.lists,
    listed.stage
from listed
left join beyond_recall on listed.customer_id = beyond_recall.customer_id
where listed.lists > 1 or beyond_recall.customer_id is not null
