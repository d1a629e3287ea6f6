-- Who moved between value segments since the opening, from rfm.sql on run.as_of and, as opening_segment, on the opening
-- day.

create or replace table want_fct_customer_rfm as
select now.*, opening_segment.segment as previous_segment
from want_fct_customer_rfm as now
left join opening_segment using (scope, scope_id, customer_id);

-- Whoever had a segment on either day, with the money of the window that ends on as_of.
create or replace table want_fct_segment_transition as
with money as (
    select scope, scope_id, customer_id, sum(amount) as monetary
    from scoped_money
    inner join run on paid_on <= run.as_of
    left join (from own_window semi join run on own_window.known_on = run.as_of) as own using (scope, scope_id, customer_id)
    where paid_on > run.as_of - coalesce(own.window_days, run.window_days)
    group by all
)

select
    scope,
    scope_id,
    before.segment as from_segment,
    now.segment as to_segment,
    count(*) as customers,
    coalesce(sum(money.monetary), 0) as monetary,
from want_fct_customer_rfm as now
full join opening_segment as before using (scope, scope_id, customer_id)
left join money using (scope, scope_id, customer_id)
group by all;
