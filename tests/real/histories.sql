-- What the models of value to come look at, from the tables of stages.sql: of each customer of the chain the consumption
-- days after the first, days from the first to the last and to as_of, and the money of all days after the first.
create or replace table history as
with money as (
    select scoped_money.customer_id, sum(scoped_money.amount) as repeat_money
    from scoped_money
    inner join run on scoped_money.paid_on <= run.as_of
    inner join consumer
        on scoped_money.customer_id = consumer.customer_id
        and consumer.scope = 'chain'
        and consumer.known_on = run.as_of
        and scoped_money.paid_on > consumer.first_consumed_on
    where scoped_money.scope = 'chain'
    group by scoped_money.customer_id
)

select
    consumer.customer_id,
    consumer.lifetime_days - 1 as x,
    consumer.last_consumed_on - consumer.first_consumed_on as t_x,
    run.as_of - consumer.first_consumed_on as t,
    coalesce(money.repeat_money, 0)::double as money,
from consumer
inner join run on consumer.known_on = run.as_of
left join money using (customer_id)
where consumer.scope = 'chain';
