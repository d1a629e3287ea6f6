-- Nothing came for days, or amounts are of another size than before. Look at the exports; if this is right,
-- policy.coverage says what stops a run.
select
    fct_coverage.entity,
    fct_coverage.scope,
    fct_coverage.scope_id,
    fct_coverage.verdict,
    fct_coverage.last_on,
    fct_coverage.rows_of_day,
    fct_coverage.expected_rows,
    fct_coverage.amount_of_day,
    fct_coverage.expected_amount
from policy_coverage
cross join fct_coverage
where
    fct_coverage.verdict in ('silent', 'amounts_high', 'amounts_low')
    and fct_coverage.entity <> 'leads'
    and (
        policy_coverage.stops_at = 'branch'
        or (policy_coverage.stops_at = 'chain' and fct_coverage.scope = 'chain')
    )
