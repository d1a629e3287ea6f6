-- How far apart the consumption days of a department's customers usually are: the median of their median gaps,
-- in the chain. The row without a department is for all others, too: it is taken over all customers.
-- Grain: department_key.
with
customers as (
    select
        department_key,
        median_gap(consumed_days) as gap_days
    from int_customer_stage
    where scope_key = $chain_scope_key and first_consumed_on < last_consumed_on
)

select
    department_key,
    median(gap_days) as gap_days
from customers
where department_key is not null
group by department_key
union all
select
    cast(null as int) as department_key,
    median(gap_days) as gap_days
from customers
