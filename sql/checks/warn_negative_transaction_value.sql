-- More was paid back on days of sale than was paid on them, so that the average transaction value is below zero. Look
-- for refunds of more than was paid, or booked at another branch than their sale.
select
    scope,
    scope_id,
    average_transaction_value,
    paying_days,
    paid
from fct_period_summary
where average_transaction_value < 0
