-- What each customer did on each day of the slots: this period, the one before and the same one a year before
-- (run_slot), in every scope group but the chain.
-- Grain: slot, scope_key, customer_key, day.
with
days as (
    select
        scope_key, customer_key, day, revenue, visits, sales, paying_sales, paid, profit, lines_without_profit
    from int_scope_day
    where scope_key is not null and day >= $compared_from
)

select
    int_slot_day.slot,
    days.scope_key,
    days.customer_key,
    days.day,
    sum(days.revenue) as revenue,
    sum(days.paid) as paid,
    sum(days.visits) as visits,
    sum(days.visits) > 0 or sum(days.sales) > 0 as is_present,
    sum(days.paying_sales) > 0 as is_paying,
    sum(days.profit) as profit,
    sum(days.lines_without_profit) as lines_without_profit
from days
inner join int_slot_day on days.day = int_slot_day.day
group by int_slot_day.slot, days.scope_key, days.customer_key, days.day
