-- The value to come is not told, and its columns are null: no parameters are likelier than all others. Look at how
-- often and for how much customers came back; a chain of few customers isn't warned of.
select
    customers,
    returned_customers,
    days_outcome,
    returned_payers,
    money_outcome
from fct_value_model
where days_outcome = 'not_converged' or money_outcome = 'not_converged'
