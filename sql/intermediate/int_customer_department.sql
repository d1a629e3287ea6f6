-- What the days of each customer in each department begin with: the first consumption, and on which days something was
-- bought that was not fully refunded.
-- Grain: customer_key, department_key.
with
days as (
    select
        customer_key,
        department_key,
        case when is_consumption then day end as consumed_on,
        case when sales > 0 then day end as bought_on
    from int_consumption_day
    where branch_key is not null
)

select
    customer_key,
    department_key,
    min(consumed_on) as first_consumed_on,
    day_set(bought_on) as bought_days
from days
group by customer_key, department_key
