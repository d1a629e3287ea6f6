-- Value to come is told of everybody in the chain or of nobody, as the models' outcomes say, and of nobody elsewhere.
with
models as (
    select
        days_outcome = 'fitted' as has_days,
        days_outcome = 'fitted' and money_outcome = 'fitted' as has_value
    from fct_value_model
)

select
    fct_customer_ltv.scope,
    fct_customer_ltv.scope_id,
    fct_customer_ltv.customer_id,
    fct_customer_ltv.alive_probability,
    fct_customer_ltv.expected_consumption_days,
    fct_customer_ltv.expected_value
from models
cross join fct_customer_ltv
where
    (fct_customer_ltv.alive_probability is not null) <> (fct_customer_ltv.scope = 'chain' and models.has_days)
    or (fct_customer_ltv.expected_consumption_days is not null)
    <> (fct_customer_ltv.scope = 'chain' and models.has_days)
    or (fct_customer_ltv.expected_value is not null) <> (fct_customer_ltv.scope = 'chain' and models.has_value)
    or fct_customer_ltv.alive_probability not between 0 and 1
    or fct_customer_ltv.expected_consumption_days < 0
    or fct_customer_ltv.expected_value < 0
