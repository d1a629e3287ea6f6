-- What staff sold, from the tables of stages.sql, actions.sql and branches.sql.

create or replace table want_fct_staff_performance as
with money as (
    select compared_span.span, money_line.branch_id, money_line.staff_id, sum(money_line.amount) as revenue
    from money_line
    inner join compared_span on money_line.paid_on between compared_span.starts_on and compared_span.ends_on
    where compared_span.span <> 'year_before'
    group by all
),

taken_back as (
    select money_line.*
    from money_line
    inner join run on money_line.paid_on <= run.as_of
    semi join sale
        on money_line.order_key = sale.order_key
        and money_line.customer_id = sale.customer_id
        and money_line.paid_on = sale.paid_on
    where money_line.amount < 0
),

kept as (
    select branch_id, staff_id, paid_on, amount from sale
    union all
    select branch_id, staff_id, paid_on, amount from taken_back
),

paid as (
    select compared_span.span, kept.branch_id, kept.staff_id, sum(kept.amount) as paid
    from kept
    inner join compared_span on kept.paid_on between compared_span.starts_on and compared_span.ends_on
    group by all
),

first_day as (
    select customer_id, min(paid_on) as first_on
    from sale
    group by customer_id
),

bought as (
    select
        compared_span.span,
        sale.branch_id,
        sale.staff_id,
        count(distinct (sale.customer_id, sale.paid_on)) as days,
        count(distinct sale.customer_id) as people,
        count(distinct sale.customer_id) filter (where sale.paid_on = first_day.first_on) as new_people,
    from sale
    inner join first_day using (customer_id)
    inner join compared_span on sale.paid_on between compared_span.starts_on and compared_span.ends_on
    where sale.amount > 0
    group by all
),

figure as (
    select
        money.span,
        money.branch_id,
        money.staff_id,
        money.revenue,
        coalesce(paid.paid, 0) as paid,
        coalesce(bought.days, 0) as days,
        coalesce(bought.people, 0) as people,
        coalesce(bought.new_people, 0) as new_people,
    from money
    left join paid
        on money.span = paid.span
        and money.branch_id = paid.branch_id
        and money.staff_id is not distinct from paid.staff_id
    left join bought
        on money.span = bought.span
        and money.branch_id = bought.branch_id
        and money.staff_id is not distinct from bought.staff_id
),

seller as (
    select distinct branch_id, staff_id
    from money
    where exists (from money where staff_id is not null)
)

select
    seller.branch_id,
    seller.staff_id,
    coalesce(now.revenue, 0)::decimal(18, 2) as revenue,
    coalesce(now.paid, 0)::decimal(18, 2) as paid,
    coalesce(now.days, 0) as paying_days,
    now.paid::double / nullif(now.days, 0) as average_transaction_value,
    coalesce(now.people, 0) as paying_customers,
    coalesce(now.new_people, 0) as new_customers,
    coalesce(earlier.revenue, 0)::decimal(18, 2) as previous_revenue,
    coalesce(earlier.paid, 0)::decimal(18, 2) as previous_paid,
    coalesce(earlier.days, 0) as previous_paying_days,
    earlier.paid::double / nullif(earlier.days, 0) as previous_average_transaction_value,
    coalesce(earlier.people, 0) as previous_paying_customers,
    coalesce(earlier.new_people, 0) as previous_new_customers,
    coalesce(now.revenue, 0)::double / nullif(earlier.revenue, 0) - 1 as change_from_previous,
from seller
left join (from figure where span = 'now') as now
    on seller.branch_id = now.branch_id and seller.staff_id is not distinct from now.staff_id
left join (from figure where span = 'previous') as earlier
    on seller.branch_id = earlier.branch_id and seller.staff_id is not distinct from earlier.staff_id;
