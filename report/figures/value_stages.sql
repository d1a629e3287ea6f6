-- What the next 365 days are expected to bring, by life stage. Of those who came on one day the model says nothing but
-- that they are alive, so those alive are told of the others.
-- Grain: stage.
with
expected as (
    select
        fct_lifecycle_snapshot.stage,
        count(*) as customers,
        sum(fct_customer_ltv.revenue) as revenue,
        sum(case when fct_customer_ltv.consumption_days > 1 then 1 else 0 end) as returned_customers,
        sum(case when fct_customer_ltv.consumption_days > 1 then fct_customer_ltv.alive_probability end)
            as alive_customers,
        sum(fct_customer_ltv.expected_consumption_days) as expected_days,
        sum(fct_customer_ltv.expected_value) as expected_value
    from fct_customer_ltv
    inner join fct_lifecycle_snapshot
        on
            fct_customer_ltv.customer_id = fct_lifecycle_snapshot.customer_id
            and fct_lifecycle_snapshot.as_of = $as_of
            and fct_lifecycle_snapshot.scope = 'chain'
    where fct_customer_ltv.as_of = $as_of and fct_customer_ltv.scope = 'chain'
    group by fct_lifecycle_snapshot.stage
)

select
    dim_stage.stage,
    dim_stage.name_zh_hant,
    dim_stage.name_zh_hans,
    dim_stage.name_en,
    expected.customers,
    expected.revenue,
    expected.returned_customers,
    expected.alive_customers,
    expected.expected_days,
    expected.expected_value
from expected
inner join dim_stage on expected.stage = dim_stage.stage and dim_stage.as_of = $as_of
order by dim_stage.sort_order
