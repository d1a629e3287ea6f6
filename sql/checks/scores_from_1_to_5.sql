-- Scores are from 1 to 5, and rfm_cell spells them.
select
    scope,
    scope_id,
    customer_id,
    recency_score,
    frequency_score,
    monetary_score,
    rfm_cell
from fct_customer_rfm
where
    recency_score not between 1 and 5
    or frequency_score not between 1 and 5
    or monetary_score not between 1 and 5
    or rfm_cell <> concat(recency_score, frequency_score, monetary_score)
