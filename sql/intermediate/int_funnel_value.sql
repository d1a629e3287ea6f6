-- Money of the chain's customers per period in which it was paid, by the period in which they became known, channel and
-- branch.
-- Grain: cohort_no, channel, branch_key, period_no.
with
days as (
    select customer_key, revenue, profit, lines_without_profit, period_no from int_money_day
),

customers as (
    select customer_key, cohort_no, channel, branch_key from int_newcomer
)

select
    customers.cohort_no,
    customers.channel,
    customers.branch_key,
    days.period_no,
    sum(days.revenue) as revenue,
    sum(days.profit) as profit,
    sum(days.lines_without_profit) as lines_without_profit
from customers
inner join days on customers.customer_key = days.customer_key
group by customers.cohort_no, customers.channel, customers.branch_key, days.period_no
