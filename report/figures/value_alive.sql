-- How likely customers are to still come, in fifths. Who came on one day has a probability of 1 by the model, which
-- says nothing: they stand apart.
-- Grain: band.
with
told as (
    select
        revenue,
        expected_value,
        case
            when consumption_days = 1 then 'once'
            when alive_probability < 0.2 then 'below_20'
            when alive_probability < 0.4 then 'from_20'
            when alive_probability < 0.6 then 'from_40'
            when alive_probability < 0.8 then 'from_60'
            else 'from_80'
        end as band
    from fct_customer_ltv
    where as_of = $as_of and scope = 'chain' and alive_probability is not null
)

select
    band,
    count(*) as customers,
    sum(revenue) as revenue,
    sum(expected_value) as expected_value
from told
group by band
order by case band when 'once' then 'a' else band end desc
