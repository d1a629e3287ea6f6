-- The average transaction value times the paying days is the money paid on them, to the cent, and there is one exactly
-- where there are paying days.
select
    scope,
    scope_id,
    average_transaction_value,
    paying_days,
    paid
from fct_period_summary
where
    (average_transaction_value is null) <> (paying_days = 0)
    or abs(average_transaction_value * paying_days - cast(paid as double))
    > greatest(0.005, abs(cast(paid as double)) * 1e-12)
