-- How value to come was worked out: of how many customers, what came of the two fits, and what their parameters say of
-- an average customer. history_days is how long the first customer has been known.
-- Grain: one row.
with
history as (
    select max(tenure_days) as history_days
    from fct_customer_ltv
    where as_of = $as_of and scope = 'chain'
)

select
    fct_value_model.customers,
    fct_value_model.returned_customers,
    fct_value_model.returned_payers,
    history.history_days,
    fct_value_model.days_outcome,
    fct_value_model.money_outcome,
    fct_value_model.r,
    fct_value_model.alpha,
    fct_value_model.a,
    fct_value_model.b,
    fct_value_model.p,
    fct_value_model.q,
    fct_value_model.v,
    365 * fct_value_model.r / fct_value_model.alpha as days_a_year,
    fct_value_model.a / (fct_value_model.a + fct_value_model.b) as lost_after_a_day,
    case
        when fct_value_model.q > 1 then fct_value_model.p * fct_value_model.v / (fct_value_model.q - 1)
    end as money_of_a_day
from fct_value_model
cross join history
where fct_value_model.as_of = $as_of
