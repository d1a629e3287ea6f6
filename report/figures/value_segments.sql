-- What the next 365 days are expected to bring, by value segment, beside the money in the window. Of those who came on
-- one day the model says nothing but that they are alive, so those alive are told of the others.
-- Grain: segment.
with
expected as (
    select
        fct_customer_rfm.segment,
        count(*) as customers,
        sum(fct_customer_rfm.monetary) as monetary,
        sum(case when fct_customer_ltv.consumption_days > 1 then 1 else 0 end) as returned_customers,
        sum(case when fct_customer_ltv.consumption_days > 1 then fct_customer_ltv.alive_probability end)
            as alive_customers,
        sum(fct_customer_ltv.expected_consumption_days) as expected_days,
        sum(fct_customer_ltv.expected_value) as expected_value
    from fct_customer_ltv
    inner join fct_customer_rfm
        on
            fct_customer_ltv.customer_id = fct_customer_rfm.customer_id
            and fct_customer_rfm.as_of = $as_of
            and fct_customer_rfm.scope = 'chain'
    where fct_customer_ltv.as_of = $as_of and fct_customer_ltv.scope = 'chain'
    group by fct_customer_rfm.segment
)

select
    dim_segment.segment,
    dim_segment.name_zh_hant,
    dim_segment.name_zh_hans,
    dim_segment.name_en,
    expected.customers,
    expected.monetary,
    expected.returned_customers,
    expected.alive_customers,
    expected.expected_days,
    expected.expected_value
from expected
inner join dim_segment on expected.segment = dim_segment.segment and dim_segment.as_of = $as_of
order by dim_segment.sort_order
