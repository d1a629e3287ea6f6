-- The value to come is not told, and its columns are null: too few customers have come back, or the models don't fit.
select
    customers,
    returned_customers,
    days_outcome,
    returned_payers,
    money_outcome
from fct_value_model
where days_outcome <> 'fitted' or money_outcome <> 'fitted'
