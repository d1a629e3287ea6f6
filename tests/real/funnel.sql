-- How newcomers were won, and what they cost, from the tables of stages.sql, facts.sql and actions.sql.

create or replace macro period_of(kind, day) as case kind
    when 'day' then strftime(day, '%Y-%m-%d')
    when 'week' then strftime(day, '%G-W%V')
    when 'month' then strftime(day, '%Y-%m')
    when 'quarter' then strftime(day, '%Y-Q') || quarter(day)::text
end;

create or replace macro period_begin(kind, day) as if(kind = 'day', day::date, date_trunc(kind, day)::date);

create or replace table present as
select
    (select count(*) > 0 from in_leads) as has_leads,
    (select count(*) > 0 from in_visits) as has_visits,
    (select count(*) > 0 from in_spend) as has_spend,
    (select count(*) > 0 from in_contacts) as has_contacts;

-- Everybody known by as_of, with every row of theirs that names a branch.
create or replace table newcomer as
with first_lead as (
    select lead.customer_id, lead.channel
    from lead
    inner join run on lead.created_on <= run.as_of
    qualify row_number() over (partition by customer_id order by created_on asc, branch_id asc nulls last) = 1
),

known as (
    select acquaintance.customer_id, acquaintance.known_from as known_on
    from acquaintance
    inner join run on acquaintance.known_from <= run.as_of
    where acquaintance.scope = 'chain'
),

first_branch as (
    select acquaintance.customer_id, arg_min(acquaintance.scope_id, (acquaintance.known_from, acquaintance.scope_id)) as branch_id
    from acquaintance
    inner join run on acquaintance.known_from <= run.as_of
    where acquaintance.scope = 'branch'
    group by acquaintance.customer_id
),

visited as (
    select
        visit.customer_id,
        min(visit.visited_on) filter (where visit.status = 'attended') as came_on,
        min(visit.visited_on) filter (where visit.status = 'attended' and visit.kind = 'consultation') as consulted_on,
    from visit
    inner join run on visit.visited_on <= run.as_of
    group by visit.customer_id
),

bought as (
    select customer_id, list_sort(list(distinct paid_on)) as days
    from sale
    group by customer_id
)

select
    known.customer_id,
    known.known_on,
    first_lead.channel,
    first_branch.branch_id,
    first_lead.customer_id is not null as is_lead,
    least(visited.came_on, bought.days[1]) as arrived_on,
    visited.customer_id is not null or bought.customer_id is not null as is_booked,
    visited.consulted_on,
    bought.days[1] as first_on,
    bought.days[2] as second_on,
    coalesce(bought.days[-1] >= visited.consulted_on, false) as is_closed,
from known
left join first_lead using (customer_id)
left join first_branch using (customer_id)
left join visited using (customer_id)
left join bought using (customer_id);

create or replace table cohort_head as
select
    period_begin(run.period, newcomer.known_on) as starts_on,
    newcomer.channel,
    newcomer.branch_id,
    count(*) as leads,
    count(*) filter (where not is_lead) as came_without_lead,
    count(*) filter (where is_booked) as booked,
    count(*) filter (where arrived_on is not null) as arrived,
    count(*) filter (where consulted_on is not null) as consulted,
    count(*) filter (where is_closed) as consulted_buyers,
    count(*) filter (where not is_closed and consulted_on + 90 > as_of) as consulted_buyers_open,
    count(*) filter (where first_on is not null) as first_orders,
    count(*) filter (where first_on is null and known_on + 90 > as_of) as first_orders_open,
    count(*) filter (where second_on is not null) as second_orders,
    count(*) filter (where second_on is null and first_on + 90 > as_of) as second_orders_open,
    median(arrived_on - known_on) as median_days_to_arrival,
    median(first_on - known_on) as median_days_to_first_order,
    median(second_on - first_on) as median_days_to_second_order,
from newcomer
cross join run
group by all;

-- What names no branch goes to those of the leads, by their numbers, in whole hundredths; the rounding goes on from one
-- branch to the next.
create or replace table cohort_spend as
with spent as (
    select period_begin(run.period, spent_on) as starts_on, channel, branch_id, sum(amount) as amount
    from in_spend
    inner join run on spent_on <= as_of
    group by all
),

due as (
    select
        cohort_head.starts_on,
        cohort_head.channel,
        cohort_head.branch_id,
        spent.amount,
        sum(leads) over (
            partition by cohort_head.starts_on, cohort_head.channel order by cohort_head.branch_id asc nulls last
        ) as so_far,
        sum(leads) over (partition by cohort_head.starts_on, cohort_head.channel) as altogether,
    from cohort_head
    inner join spent
        on cohort_head.starts_on = spent.starts_on
        and cohort_head.channel is not distinct from spent.channel
        and spent.branch_id is null
),

rounded as (
    select *, trunc((amount * 100)::hugeint * so_far::hugeint // altogether::hugeint) as hundredths from due
),

shared as (
    select
        starts_on,
        channel,
        branch_id,
        (hundredths - coalesce(
            lag(hundredths) over (partition by starts_on, channel order by branch_id asc nulls last), 0
        ))::decimal(18, 2) / 100 as amount,
    from rounded
),

part as (
    select starts_on, channel, branch_id, amount, 0 as shared_amount from spent where branch_id is not null
    union all
    select starts_on, channel, branch_id, amount, amount as shared_amount from shared
    union all
    select starts_on, channel, branch_id, amount, amount as shared_amount
    from spent
    where branch_id is null
        and not exists (
            from cohort_head
            where cohort_head.starts_on = spent.starts_on and cohort_head.channel is not distinct from spent.channel
        )
)

select
    starts_on,
    channel,
    branch_id,
    sum(amount)::decimal(18, 2) as spend,
    sum(shared_amount)::decimal(18, 2) as shared_spend,
from part
group by all;

create or replace table want_fct_acquisition_funnel as
with line as (
    select
        newcomer.*,
        money_line.paid_on,
        money_line.amount,
        case
            when money_line.cost is not null then money_line.amount - money_line.cost
            else round(money_line.amount * coalesce(of_item.margin, of_department.margin, of_chain.margin, 1), 2)
        end as profit,
        coalesce(money_line.cost, of_item.margin, of_department.margin, of_chain.margin) is null
        and money_line.amount > 0 as is_unknown,
    from money_line
    inner join run on money_line.paid_on <= run.as_of
    inner join newcomer using (customer_id)
    left join margin as of_item on money_line.item_id = of_item.item_id
    left join margin as of_department on money_line.department = of_department.department
    left join margin as of_chain on of_chain.item_id is null and of_chain.department is null
),

monthly as (
    select
        period_begin(run.period, known_on) as starts_on,
        channel,
        branch_id,
        period_begin(run.period, paid_on) as paid_from,
        sum(amount) as amount,
        sum(profit) as profit,
        count(*) filter (where is_unknown) as unknown,
    from line
    cross join run
    group by all
),

running as (
    select
        starts_on,
        channel,
        branch_id,
        paid_from,
        sum(amount) over so_far as amount,
        sum(profit) over so_far as profit,
        sum(unknown) over so_far as unknown,
    from monthly
    window so_far as (partition by starts_on, channel, branch_id order by paid_from)
),

cohort as (
    select starts_on, channel, branch_id from cohort_head
    union
    select starts_on, channel, branch_id from cohort_spend
),

brought as (
    select
        cohort.starts_on,
        cohort.channel,
        cohort.branch_id,
        arg_max(running.amount, running.paid_from) as revenue,
        arg_max(if(running.unknown = 0, running.profit, null), running.paid_from) as known_profit,
        arg_max(running.unknown, running.paid_from) as unknown,
        min(running.paid_from) filter (
            where running.unknown = 0 and cohort_spend.spend > 0 and running.profit >= cohort_spend.spend
        ) as paid_back_from,
    from cohort
    left join cohort_spend
        on cohort.starts_on = cohort_spend.starts_on
        and cohort.channel is not distinct from cohort_spend.channel
        and cohort.branch_id is not distinct from cohort_spend.branch_id
    left join running
        on cohort.starts_on = running.starts_on
        and cohort.channel is not distinct from running.channel
        and cohort.branch_id is not distinct from running.branch_id
    group by all
)

select
    period_of(run.period, brought.starts_on) as cohort_period,
    brought.channel,
    brought.branch_id,
    coalesce(head.leads, 0) as leads,
    if(has_leads, coalesce(head.came_without_lead, 0), null) as came_without_lead,
    if(has_visits, coalesce(head.booked, 0), null) as booked,
    if(has_visits, coalesce(head.arrived, 0), null) as arrived,
    if(has_visits, coalesce(head.consulted, 0), null) as consulted,
    if(has_visits, coalesce(head.consulted_buyers, 0), null) as consulted_buyers,
    if(has_visits, coalesce(head.consulted_buyers_open, 0), null) as consulted_buyers_open,
    coalesce(head.first_orders, 0) as first_orders,
    coalesce(head.first_orders_open, 0) as first_orders_open,
    coalesce(head.second_orders, 0) as second_orders,
    coalesce(head.second_orders_open, 0) as second_orders_open,
    if(has_visits and head.booked > 0, head.arrived / head.booked, null) as arrival_rate,
    if(has_visits and head.consulted > 0, head.consulted_buyers / head.consulted, null) as closing_rate,
    if(head.leads > 0, head.first_orders / head.leads, null) as first_order_rate,
    if(head.first_orders > 0, head.second_orders / head.first_orders, null) as second_order_rate,
    if(has_visits, head.median_days_to_arrival, null) as median_days_to_arrival,
    head.median_days_to_first_order,
    head.median_days_to_second_order,
    if(has_spend, coalesce(cohort_spend.spend, 0), null)::decimal(18, 2) as spend,
    if(has_spend, coalesce(cohort_spend.shared_spend, 0), null)::decimal(18, 2) as shared_spend,
    if(has_leads and head.leads > head.came_without_lead, if(has_spend, coalesce(cohort_spend.spend, 0), null)::double / (head.leads - head.came_without_lead), null)
        as cost_per_lead,
    if(head.first_orders > 0, if(has_spend, coalesce(cohort_spend.spend, 0), null)::double / head.first_orders, null) as cost_per_new_customer,
    coalesce(brought.revenue, 0)::decimal(18, 2) as revenue,
    if(coalesce(brought.unknown, 0) > 0, null, coalesce(brought.known_profit, 0))::decimal(18, 2) as profit,
    if(cohort_spend.spend > 0, profit::double / cohort_spend.spend::double, null) as payback,
    if(run.period = 'day', paid_back_from - brought.starts_on, date_diff(run.period, brought.starts_on, paid_back_from))
        as periods_to_payback,
from brought
cross join run
cross join present
left join cohort_head as head
    on brought.starts_on = head.starts_on
    and brought.channel is not distinct from head.channel
    and brought.branch_id is not distinct from head.branch_id
left join cohort_spend
    on brought.starts_on = cohort_spend.starts_on
    and brought.channel is not distinct from cohort_spend.channel
    and brought.branch_id is not distinct from cohort_spend.branch_id;
