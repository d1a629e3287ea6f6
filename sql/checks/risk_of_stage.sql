-- Silence risk belongs to effective, active and loyal customers, churn risk to silent and dormant ones, each from 0
-- to 1, where the chain has a usual gap to go by; a stage began after the customer was known and not after as_of.
select
    scope,
    scope_id,
    customer_id,
    stage,
    stage_since,
    silence_risk,
    churn_risk,
    risk_band
from fct_lifecycle_snapshot
where
    not coalesce(silence_risk between 0 and 1, true)
    or not coalesce(churn_risk between 0 and 1, true)
    or (silence_risk is not null) <> (stage in ('effective', 'active', 'loyal') and usual_gap_days is not null)
    or (churn_risk is not null and stage not in ('silent', 'dormant'))
    or (risk_band is null) <> (silence_risk is null and churn_risk is null)
    or stage_since is null
    or stage_since > as_of
    or stage_since < known_on
