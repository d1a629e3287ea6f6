-- Whether what the day should bring has come, of each entity, for the chain and each branch.
-- Grain: entity, scope, scope_id.
select
    entity,
    scope,
    scope_id,
    verdict,
    last_on,
    rows_of_day,
    expected_rows,
    row_count
from fct_coverage
where as_of = $as_of and scope in ('chain', 'branch')
order by entity asc, scope desc, scope_id asc
