-- Money of the chain's customers per period in which it was paid, by the period of their first consumption, the channel
-- of their lead and the department of their first day. What was paid before that period counts in it.
-- Grain: cohort_no, channel, department_key, period_no.
with
customers as (
    select customer_key, department_key, channel, cohort_no from int_value_customer
),

days as (
    select customer_key, revenue, profit, lines_without_profit, period_no from int_money_day
)

select
    customers.cohort_no,
    customers.channel,
    customers.department_key,
    greatest(days.period_no, customers.cohort_no) as period_no,
    sum(days.revenue) as revenue,
    sum(days.profit) as profit,
    sum(days.lines_without_profit) as lines_without_profit
from customers
inner join days on customers.customer_key = days.customer_key
group by
    customers.cohort_no,
    customers.channel,
    customers.department_key,
    greatest(days.period_no, customers.cohort_no)
