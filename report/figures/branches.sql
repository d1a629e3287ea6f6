-- The branches and what the chain says of them.
-- Grain: branch_id.
select
    branch_id,
    name,
    region,
    opened_on
from dim_branch
where as_of = $as_of
order by branch_id
