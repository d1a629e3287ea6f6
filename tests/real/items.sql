-- Items by branch, from the tables of stages.sql, facts.sql, actions.sql and branches.sql.

-- The two spans that are compared: this period so far and the one before up to the same day.
create or replace table item_span as
from compared_span
where span in ('now', 'previous');

-- Who bought an item at a branch, other than for nothing, and has not had all of it paid back.
create or replace table item_buyer as
select distinct span, branch_id, item_id, customer_id
from sale
inner join item_span on sale.paid_on between starts_on and ends_on
where item_id is not null and amount > 0;

-- Buyers of the period before who didn't buy in this one.
create or replace table item_leaver as
select branch_id, item_id, customer_id
from item_buyer as earlier
anti join (from item_buyer where span = 'now') as later using (branch_id, item_id, customer_id)
where earlier.span = 'previous';

create or replace table item_figure as
with revenue as (
    select span, branch_id, item_id, sum(amount) as revenue
    from money_line
    inner join item_span on money_line.paid_on between starts_on and ends_on
    where item_id is not null
    group by all
),

sold as (
    select
        span,
        branch_id,
        item_id,
        count(distinct customer_id) as buyers,
        count(distinct (customer_id, paid_on)) as buying_days,
    from sale
    inner join item_span on sale.paid_on between starts_on and ends_on
    where item_id is not null and amount > 0
    group by all
),

-- Sales of the item, less what lines of the item took back, on the day of a sale to that customer, of its order.
paid as (
    select span, branch_id, item_id, sum(amount) as paid
    from (
        from sale
        union all
        select refund.*
        from money_line as refund
        semi join sale using (order_key, customer_id, paid_on)
        where refund.amount < 0
    )
    inner join item_span on paid_on between starts_on and ends_on
    where item_id is not null
    group by all
),

visited as (
    select span, branch_id, item_id, count(*) as visits
    from visit
    inner join item_span on visit.visited_on between starts_on and ends_on
    where item_id is not null and status = 'attended'
    group by all
),

came as (
    select customer_id, branch_id, paid_on as came_on from sale
    union
    select customer_id, branch_id, visited_on as came_on from visit where status = 'attended'
),

traffic as (
    select span, branch_id, count(*) as customer_days
    from came
    inner join item_span on came.came_on between starts_on and ends_on
    group by all
),

gone as (
    select branch_id, item_id, count(*) as left_buyers
    from item_leaver
    group by all
),

listed as (
    select distinct branch_id, item_id from revenue
    union
    select distinct branch_id, item_id from visited
)

select
    item_span.span,
    listed.branch_id,
    listed.item_id,
    coalesce(revenue.revenue, 0)::decimal(18, 2) as revenue,
    coalesce(paid.paid, 0)::decimal(18, 2) as paid,
    if((select count(*) from in_visits) = 0, null, coalesce(visited.visits, 0)) as visits,
    coalesce(sold.buyers, 0) as buyers,
    coalesce(sold.buying_days, 0) as buying_days,
    coalesce(traffic.customer_days, 0) as branch_customer_days,
    coalesce(gone.left_buyers, 0) as left_buyers,
from listed
cross join item_span
left join revenue using (span, branch_id, item_id)
left join paid using (span, branch_id, item_id)
left join sold using (span, branch_id, item_id)
left join visited using (span, branch_id, item_id)
left join traffic using (span, branch_id)
left join gone using (branch_id, item_id);

create or replace table want_fct_item_performance as
with compared as (
    select
        now.branch_id,
        now.item_id,
        in_items.department,
        now.revenue,
        earlier.revenue as previous_revenue,
        (now.revenue - earlier.revenue)::decimal(18, 2) as revenue_change,
        if(earlier.revenue > 0, (now.revenue - earlier.revenue)::double / earlier.revenue::double, null) as change_rate,
        earlier.revenue > 0 and 10 * now.revenue <= 7 * earlier.revenue as is_declining,
        now.visits,
        earlier.visits as previous_visits,
        now.buyers,
        earlier.buyers as previous_buyers,
        now.buying_days,
        earlier.buying_days as previous_buying_days,
        now.branch_customer_days,
        earlier.branch_customer_days as previous_branch_customer_days,
        now.buying_days::double / nullif(now.branch_customer_days, 0) as conversion,
        earlier.buying_days::double / nullif(earlier.branch_customer_days, 0) as previous_conversion,
        now.paid,
        earlier.paid as previous_paid,
        now.paid::double / nullif(now.buying_days, 0) as average_transaction_value,
        earlier.paid::double / nullif(earlier.buying_days, 0) as previous_average_transaction_value,
        if(
            earlier.branch_customer_days = 0,
            earlier.revenue::double,
            earlier.revenue::double * now.branch_customer_days / earlier.branch_customer_days
        ) as at_todays_traffic,
        if(
            earlier.buying_days = 0,
            now.revenue::double,
            now.buying_days * earlier.revenue::double / earlier.buying_days
        ) as at_earlier_price,
        now.left_buyers,
    from item_figure as now
    inner join item_figure as earlier
        on now.branch_id = earlier.branch_id and now.item_id = earlier.item_id and earlier.span = 'previous'
    left join in_items on now.item_id = in_items.item_id
    where now.span = 'now'
)

select
    * exclude (at_todays_traffic, at_earlier_price),
    -- Half a cent goes away from zero; how round(…, 2) takes it differs between versions of DuckDB.
    (round(100 * (at_todays_traffic - previous_revenue::double)) / 100)::decimal(18, 2) as traffic_effect,
    (round(100 * (at_earlier_price - at_todays_traffic)) / 100)::decimal(18, 2) as conversion_effect,
    (revenue_change - traffic_effect - conversion_effect)::decimal(18, 2) as price_effect,
from compared;

-- Those who have a segment: of this period's buyers the present one, of leavers that of the day before it began. Two
-- statements, for DuckDB 2.0.0 sometimes broke off where two joins are united ("dictionary column changed identity").
create or replace table item_head as
select item_buyer.branch_id, item_buyer.item_id, rfm.segment, true as is_buyer
from item_buyer
inner join want_fct_customer_rfm as rfm on item_buyer.customer_id = rfm.customer_id and rfm.scope = 'chain'
where item_buyer.span = 'now';

insert into item_head
select branch_id, item_id, segment, false as is_buyer
from item_leaver
inner join opening_segment on opening_segment.scope = 'chain' and item_leaver.customer_id = opening_segment.customer_id;

create or replace table want_fct_item_segment as
select
    branch_id,
    item_id,
    segment,
    count(*) filter (is_buyer) as buyers,
    count(*) filter (not is_buyer) as left_buyers,
from item_head
group by all;

-- Who left an item that declines, those who paid most for it first.
create or replace table want_fct_item_action_list as
with bought as (
    select
        sale.branch_id,
        sale.item_id,
        sale.customer_id,
        max(sale.paid_on) as last_bought_on,
        count(distinct sale.paid_on) as previous_buying_days,
    from sale
    inner join item_span on item_span.span = 'previous' and sale.paid_on between starts_on and ends_on
    where sale.amount > 0
    group by all
),

-- What lines of the item brought and, of an order sold to the customer on that day, took back.
paid as (
    select branch_id, item_id, customer_id, sum(amount) as paid
    from (
        from sale
        union all
        select refund.*
        from money_line as refund
        semi join sale using (order_key, customer_id, paid_on)
        where refund.amount < 0
    )
    inner join item_span on item_span.span = 'previous' and paid_on between starts_on and ends_on
    group by all
)

select
    item_leaver.branch_id,
    item_leaver.item_id,
    item_leaver.customer_id,
    row_number() over (
        partition by item_leaver.branch_id, item_leaver.item_id
        order by held_out.customer_id is not null, coalesce(paid.paid, 0) desc, item_leaver.customer_id
    ) as item_rank,
    snapshot.stage,
    rfm.segment,
    opening_segment.segment as previous_segment,
    rfm.recency_days,
    bought.last_bought_on,
    bought.previous_buying_days,
    coalesce(paid.paid, 0)::decimal(18, 2) as previous_paid,
    want_fct_action_list.action,
    held_out.customer_id is not null as is_held_out,
from item_leaver
semi join (from want_fct_item_performance where is_declining) as declining using (branch_id, item_id)
inner join bought using (branch_id, item_id, customer_id)
left join paid using (branch_id, item_id, customer_id)
left join want_fct_lifecycle_snapshot as snapshot
    on snapshot.scope = 'chain' and item_leaver.customer_id = snapshot.customer_id
left join want_fct_customer_rfm as rfm
    on rfm.scope = 'chain' and item_leaver.customer_id = rfm.customer_id
left join opening_segment
    on opening_segment.scope = 'chain' and item_leaver.customer_id = opening_segment.customer_id
left join want_fct_action_list on item_leaver.customer_id = want_fct_action_list.customer_id
left join held_out on item_leaver.customer_id = held_out.customer_id;
