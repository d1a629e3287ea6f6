-- Branches as the chain describes them, each once: the later object wins, then the later row.
-- Grain: branch_key.
with
deliveries as (
    select
        branch_ref, name, region, opened_on, timezone,
        row_number() over (partition by branch_ref order by object_no(object_ref) desc, row_no desc) as delivery_rank
    from src_branches
)

select
    branch_key(branch_ref) as branch_key,
    name,
    region,
    opened_on,
    timezone
from deliveries
where delivery_rank = 1
