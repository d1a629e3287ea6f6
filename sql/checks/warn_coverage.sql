-- A day that isn't as the weeks before it: a file may be missing, cut short, or of another size. fct_coverage has all.
select
    fct_coverage.entity,
    fct_coverage.scope,
    fct_coverage.scope_id,
    fct_coverage.verdict,
    fct_coverage.last_on,
    fct_coverage.rows_of_day,
    fct_coverage.expected_rows
from fct_coverage
where
    fct_coverage.verdict not in ('ok', 'none')
    and fct_coverage.entity <> 'leads'
    -- A good day of a small branch is no reason to get up.
    and not (fct_coverage.verdict = 'many' and fct_coverage.scope = 'branch')
order by fct_coverage.scope_id, fct_coverage.entity
