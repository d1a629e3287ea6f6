-- What each customer did, bought and was known by, per day: the one table that all others are made of.
-- A row without sales and visits is a contact only (a lead, a booking, a cancelled order).
-- Grain: customer_key, branch_key, department_key, day; branch_key is null for leads of no branch.
select
    customer_key,
    branch_key,
    department_key,
    day,
    cast(coalesce(sum(amount), 0) as decimal(18, 2)) as revenue,
    count(*) filter (where is_sale) as sales,
    count(*) filter (where is_consuming_sale) as consuming_sales,
    count(*) filter (where is_sale and amount > 0) as paying_sales,
    cast(coalesce(sum(amount) filter (where is_sale), 0) as decimal(18, 2)) as paid,
    cast(coalesce(sum(profit), 0) as decimal(18, 2)) as profit,
    count(*) filter (where is_counted and profit is null) as lines_without_profit,
    count(*) filter (where is_attended) as visits,
    count(*) filter (where is_consuming_visit) as consuming_visits
from int_customer_event
group by customer_key, branch_key, department_key, day
