-- Whether what the day should bring has come, of each input and branch, what is worst first.
-- Grain: entity, scope, branch.
select
    coverage.scope,
    coalesce(dim_branch.name, case when coverage.scope = 'chain' then $text_scope_chain else coverage.scope_id end)
        as branch,
    coalesce(entities.label, coverage.entity) as entity,
    coverage.verdict = 'ok' as is_whole,
    coalesce(verdicts.label, coverage.verdict) as verdict,
    coverage.last_on,
    coverage.rows_of_day,
    coverage.expected_rows,
    coverage.row_count,
    case when coverage.verdict = 'ok' then 99 else verdicts.place end as severity
from coverage
left join $texts_entity as entities on coverage.entity = entities.key
left join $texts_verdict as verdicts on coverage.verdict = verdicts.key
left join dim_branch
    on coverage.scope = 'branch' and coverage.scope_id = dim_branch.branch_id and dim_branch.as_of = $as_of
