-- The answers to tests/questions.sql from the demo's raw rows, by the words of the questions and of the tables'
-- descriptions. What comes before the first title are steps that several answers need; the tables are those of
-- tests/real/stages.sql on the days of known_day, with columns that demo.py adds; september and october have each
-- customer's value segment.

-- The months that are asked about.
create table month as
select
    known_on as month_end,
    date_trunc('month', known_on)::date as month_start,
    month_start - 1 as opening,
    strftime(known_on, '%Y-%m') as period,
from known_day
where known_on = last_day(known_on) and known_on >= '2026-07-31';

-- The state machine over months, as it stood at the end of one: how many have closed since the one of the last visit,
-- but for those at whose end sessions were left.
create table status as
with card as (
    select known_on, scope, scope_id, customer_id, max(ended_on) as over_on
    from scoped_package
    group by all
),

monthly as (
    select
        known_on,
        scope,
        scope_id,
        customer_id,
        min(consumed_on) as first_on,
        max(consumed_on) as last_on,
        count(*) filter (consumed_on >= date_trunc('month', known_on)) as days,
        count(*) filter (date_trunc('month', consumed_on) = date_trunc('month', known_on) - interval 1 month) as days_before,
    from consumption_day
    group by all
)

select
    monthly.*,
    datediff('month', last_on, known_on) - greatest(coalesce(datediff('month', last_on, over_on), 0) - 1, 0) as months_away,
    case
        when months_away <= 0 and first_on = last_on then 'new'
        when months_away <= 0 then 'active'
        when months_away = 1 and first_on <> last_on then 'dormant'
        else 'lost'
    end as status,
from monthly
left join card using (known_on, scope, scope_id, customer_id);

-- Net money of the 365 days up to a day, and the tier that it makes.
create table wallet as
select
    known_on,
    scope,
    scope_id,
    customer_id,
    sum(amount) as monetary,
    case when monetary >= 400000 then 3 when monetary >= 150000 then 2 when monetary >= 60000 then 1 else 0 end as tier,
from scoped_money
inner join known_day on paid_on <= known_on and paid_on > known_on - 365
group by all;

-- Days between the visits of the chain's customers: their own median drawn towards the department's.
create table rhythm as
with step as (
    select
        known_on, customer_id,
        consumed_on - lag(consumed_on) over (partition by known_on, customer_id order by consumed_on) as gap,
    from consumption_day
    where scope = 'chain'
),

own as (
    select known_on, customer_id, department, median(gap) as gap, count(gap) as gaps
    from step
    inner join last_department using (known_on, customer_id)
    where scope = 'chain'
    group by all
),

department as (
    select known_on, department, median(gap) as gap from own group by all
)

select known_on, customer_id, (gaps * coalesce(own.gap, 0) + 3 * department.gap) / (gaps + 3) as usual_gap
from own
inner join department using (known_on, department);

-- The chain's customers on 31 October.
create table customer as
with lifetime as (
    select customer_id, sum(amount) as revenue, sum(if(amount <= 0, amount, amount - cost)) as profit
    from money_line
    where paid_on <= '2026-10-31'
    group by customer_id
),

sessions as (
    select customer_id, sum(sessions_left) as sessions
    from package
    where known_on = '2026-10-31' and is_open
    group by customer_id
)

select
    consumer.customer_id,
    consumer.first_consumed_on,
    consumer.last_consumed_on,
    date '2026-10-31' - consumer.last_consumed_on as recency_days,
    consumer.lifetime_days,
    stage.stage,
    last_department.department,
    coalesce(wallet.monetary, 0) as monetary,
    coalesce(wallet.tier, 0) as tier,
    coalesce(lifetime.revenue, 0) as revenue,
    coalesce(lifetime.profit, 0) as profit,
    coalesce(sessions.sessions, 0) as sessions,
    rhythm.usual_gap,
    standing.idle_days,
from consumer
inner join standing using (known_on, scope, scope_id, customer_id)
inner join stage using (known_on, scope, scope_id, customer_id)
inner join last_department using (known_on, scope, scope_id, customer_id)
left join wallet using (known_on, scope, scope_id, customer_id)
left join lifetime using (customer_id)
left join sessions using (customer_id)
left join rhythm using (known_on, customer_id)
where consumer.known_on = '2026-10-31' and consumer.scope = 'chain';

create table silence as
select customer_id, (recency_days + usual_gap) / (recency_days + usual_gap + 90) as risk
from customer
where stage in ('effective', 'active', 'loyal');

-- What came of the silent and dormant of 90 days before, 2 August: their mean recency plus gap, times the odds of having
-- come back; of each department, with 20 customers of the chain's odds more.
create table churn as
with before as (
    select
        last_department.department,
        consumer.known_on - consumer.last_consumed_on + rhythm.usual_gap as days,
        (customer.last_consumed_on > '2026-08-02')::int as is_back,
    from consumer
    inner join stage using (known_on, scope, scope_id, customer_id)
    inner join last_department using (known_on, scope, scope_id, customer_id)
    inner join rhythm using (known_on, customer_id)
    inner join customer using (customer_id)
    where known_on = '2026-08-02' and scope = 'chain' and stage.stage in ('silent', 'dormant')
),

chain as (
    select avg(days) as days, avg(is_back) as share from before
),

half as (
    select
        department,
        any_value(chain.days) * (sum(is_back) + 20 * any_value(share))
        / (sum(1 - is_back) + 20 * any_value(1 - share)) as days,
    from before
    cross join chain
    group by department
)

select customer_id, (recency_days + usual_gap) / (recency_days + usual_gap + half.days) as risk
from customer
inner join half using (department)
where stage in ('silent', 'dormant');

-- Lines that sold something, as known on 31 October.
create table sale as
select *
from money_line
where
    status = 'paid' and amount >= 0 and paid_on <= '2026-10-31'
    and order_key not in (select order_key from emptied_order where known_on = '2026-10-31');

-- What branches are compared by, per month.
create table branch_month as
with monthly as (
    select branch_id, date_trunc('month', paid_on) as month_start, sum(amount) as revenue
    from money_line
    group by all
),

paying as (
    select branch_id, date_trunc('month', paid_on) as month_start, count(distinct (customer_id, paid_on)) as days
    from sale
    where amount > 0
    group by all
),

-- Less what went back on the very day.
paid as (
    select branch_id, date_trunc('month', paid_on) as month_start, sum(amount) as paid
    from money_line
    where (order_key, customer_id, paid_on) in (select (order_key, customer_id, paid_on) from sale)
    group by all
)

select branch_id, month_start::date as month_start, revenue, paid / days as ticket
from monthly
left join paying using (branch_id, month_start)
left join paid using (branch_id, month_start);

-- Who came to each branch in October and in September, on how many days, and what was paid.
create table branch_factor as
with came as (
    select
        scope_id as branch_id,
        date_trunc('month', consumed_on)::date as month_start,
        count(distinct customer_id) as people,
        count(*) as days,
    from consumption_day
    where known_on = '2026-10-31' and scope = 'branch' and consumed_on >= '2026-09-01'
    group by all
)

select
    branch_id,
    max(people) filter (month_start = '2026-10-01') as people,
    max(people) filter (month_start = '2026-09-01') as people_before,
    max(days) filter (month_start = '2026-10-01') as days,
    max(days) filter (month_start = '2026-09-01') as days_before,
    max(revenue) filter (month_start = '2026-10-01') as revenue,
    max(revenue) filter (month_start = '2026-09-01') as revenue_before,
from came
inner join branch_month using (branch_id, month_start)
group by branch_id;

-- The seven questions of each branch and month
with held as (
    select month.*, stage.scope_id, stage.customer_id, stage.stage
    from month
    inner join stage on stage.known_on = month.month_end and stage.scope = 'branch'
)

select
    held.scope_id as branch_id,
    held.period,
    count(*) filter (held.stage = 'potential'),
    count(*) filter (held.stage <> 'potential'),
    count(*) filter (status.first_on >= held.month_start),
    count(*) filter (status.status = 'active'),
    count(*) filter (before.status = 'active' and wallet.tier > 0 and coalesce(wallet_before.tier, 0) = 0),
    count(*) filter (status.status = 'dormant' and (before.status = 'active' or wallet_before.tier > 0)),
    count(*) filter (status.status = 'lost' and before.status <> 'lost'),
from held
left join status
    on status.known_on = held.month_end and status.scope = 'branch'
    and status.scope_id = held.scope_id and status.customer_id = held.customer_id
left join status as before
    on before.known_on = held.opening and before.scope = 'branch'
    and before.scope_id = held.scope_id and before.customer_id = held.customer_id
left join wallet
    on wallet.known_on = held.month_end and wallet.scope = 'branch'
    and wallet.scope_id = held.scope_id and wallet.customer_id = held.customer_id
left join wallet as wallet_before
    on wallet_before.known_on = held.opening and wallet_before.scope = 'branch'
    and wallet_before.scope_id = held.scope_id and wallet_before.customer_id = held.customer_id
group by all
order by branch_id, period;

-- First-timers who did not come back
with visited as (
    select customer_id, consumed_on, row_number() over (partition by customer_id order by consumed_on) as nth
    from consumption_day
    where known_on = '2026-10-31' and scope = 'chain'
),

journey as (
    select customer_id, min(consumed_on) as first_on, max(consumed_on) filter (nth = 2) as second_on
    from visited
    where nth <= 2
    group by customer_id
)

select
    strftime(first_on, '%Y-%m') as cohort_period,
    count(*),
    count(*) filter (second_on is null or second_on > first_on + 90),
    round(100 * count(*) filter (second_on is null or second_on > first_on + 90) / count(*), 1),
from journey
where last_day(first_on) < '2026-10-31'
group by cohort_period
having count(*) filter (second_on is null and first_on + 90 > date '2026-10-31') = 0
order by cohort_period;

-- How soon they come again
with next_day as (
    select
        customer_id,
        consumed_on,
        lead(consumed_on) over (partition by customer_id order by consumed_on) - consumed_on as days,
        row_number() over (partition by customer_id order by consumed_on) as nth,
    from consumption_day
    where known_on = '2026-10-31' and scope = 'chain'
)

select
    strftime(consumed_on, '%Y-%m') as cohort_period,
    count(*),
    round(100 * count(*) filter (days <= 30) / count(*), 1),
    round(100 * count(*) filter (days <= 60) / count(*), 1),
    round(100 * count(*) filter (days <= 90) / count(*), 1),
    round(100 * count(*) filter (days > 90) / count(*), 1),
from next_day
where nth = 1 and consumed_on between '2026-01-01' and '2026-07-31'
group by cohort_period
order by cohort_period;

-- Where first-timers are lost
with second as (
    select customer_id, min(consumed_on) as second_on
    from consumption_day
    inner join customer using (customer_id)
    where known_on = '2026-10-31' and scope = 'chain' and consumed_on > first_consumed_on
    group by customer_id
),

place as (
    select distinct customer.customer_id, first_consumed_on as first_on, branch_id, consumption.department
    from consumption
    inner join customer
        on consumption.customer_id = customer.customer_id and consumption.consumed_on = customer.first_consumed_on
    where known_on = '2026-10-31'
),

spent as (
    select customer_id, paid_on, branch_id, department, sum(amount) as amount
    from money_line
    group by all
),

priced as (
    select
        place.*,
        coalesce(spent.amount, 0) as here,
        sum(spent.amount) over (partition by place.customer_id, place.branch_id) as at_branch,
    from place
    left join spent
        on place.customer_id = spent.customer_id and place.first_on = spent.paid_on
        and place.branch_id = spent.branch_id and place.department is not distinct from spent.department
),

first_place as (
    select * from priced
    qualify row_number() over (
        partition by customer_id order by coalesce(at_branch, 0) desc, branch_id, here desc, department
    ) = 1
),

judged as (
    select branch_id, department, second_on is null or second_on > first_on + 90 as is_gone
    from first_place
    left join second using (customer_id)
    where first_on between '2026-01-01' and '2026-07-31'
)

select
    branch_id, department, count(*) as first_timers, count(*) filter (is_gone),
    round(100 * count(*) filter (is_gone) / first_timers, 1) as percent,
from judged
group by branch_id, department
having first_timers >= 20
order by percent desc, branch_id, department;

-- About to fall silent
select
    customer_id, stage, monetary, recency_days, usual_gap, round(recency_days / usual_gap, 1), round(risk, 2)
from customer
inner join silence using (customer_id)
where risk >= 0.5
order by monetary desc, customer_id;

-- About to be lost
select customer_id, department, stage, monetary, recency_days, usual_gap, lifetime_days = 1, round(risk, 2)
from customer
inner join churn using (customer_id)
where risk >= 0.75
order by monetary desc, customer_id;

-- What raises value
select
    action,
    customers,
    median_jump,
    like_median_jump,
    median_lift,
    mean_lift,
    mean_lift_low,
    mean_lift_high,
from want_fct_hva_effect
where scope = 'chain'
order by median_lift desc, action;

-- Items that fell
with traded as (
    select
        branch_id,
        item_id,
        coalesce(sum(amount) filter (paid_on >= '2026-10-01'), 0) as revenue,
        coalesce(sum(amount) filter (paid_on < '2026-10-01'), 0) as revenue_before,
    from money_line
    where paid_on between '2026-09-01' and '2026-10-31'
    group by all
),

bought as (
    select
        branch_id,
        item_id,
        count(distinct (customer_id, paid_on)) filter (paid_on >= '2026-10-01') as days,
        count(distinct (customer_id, paid_on)) filter (paid_on < '2026-10-01') as days_before,
        count(distinct customer_id) filter (paid_on < '2026-10-01') as buyers_before,
    from sale
    where amount > 0 and paid_on between '2026-09-01' and '2026-10-31'
    group by all
),

present as (
    select branch_id, customer_id, visited_on as day from visit where status = 'attended'
    union
    select branch_id, customer_id, paid_on from sale
),

traffic as (
    select
        branch_id,
        count(*) filter (day >= '2026-10-01') as traffic,
        count(*) filter (day < '2026-10-01') as traffic_before,
    from present
    where day between '2026-09-01' and '2026-10-31'
    group by branch_id
)

select
    branch_id,
    item_id,
    raw_items.name,
    revenue_before,
    revenue,
    round(100 * (revenue / revenue_before - 1)),
    (revenue_before * (traffic / traffic_before - 1))::decimal(18, 2) as by_traffic,
    (revenue_before / days_before * (days - traffic * days_before / traffic_before))::decimal(18, 2) as by_conversion,
    revenue - revenue_before - by_traffic - by_conversion,
from traded
inner join bought using (branch_id, item_id)
inner join traffic using (branch_id)
inner join raw_items using (item_id)
where revenue <= 0.7 * revenue_before and revenue_before > 0 and buyers_before >= 10
order by revenue - revenue_before, branch_id, item_id;

-- Who left the items that fell
with traded as (
    select branch_id, item_id
    from money_line
    where paid_on between '2026-09-01' and '2026-10-31'
    group by all
    having
        sum(if(paid_on >= '2026-10-01', amount, 0)) <= 0.7 * sum(if(paid_on < '2026-10-01', amount, 0))
        and sum(if(paid_on < '2026-10-01', amount, 0)) > 0
),

buyer as (
    select
        branch_id, item_id, customer_id,
        bool_or(paid_on < '2026-10-01') as is_earlier,
        not bool_or(paid_on >= '2026-10-01') as is_gone,
    from sale
    where amount > 0 and paid_on between '2026-09-01' and '2026-10-31'
    group by all
)

select
    branch_id,
    item_id,
    segment,
    count(*) as gone_of_segment,
    any_value(gone),
    any_value(buyers),
from buyer
inner join (
    select branch_id, item_id, count(*) as buyers, count(*) filter (is_gone) as gone
    from buyer
    where is_earlier
    group by all
) as item using (branch_id, item_id)
inner join traded using (branch_id, item_id)
inner join september using (customer_id)
where is_earlier and is_gone and buyers >= 10
group by branch_id, item_id, segment
order by branch_id, item_id, gone_of_segment desc, segment;

-- Whom to ask about an item that fell
with traded as (
    select branch_id, item_id
    from money_line
    where paid_on between '2026-09-01' and '2026-10-31'
    group by all
    having
        sum(if(paid_on >= '2026-10-01', amount, 0)) <= 0.7 * sum(if(paid_on < '2026-10-01', amount, 0))
        and sum(if(paid_on < '2026-10-01', amount, 0)) > 0
),

gone as (
    select branch_id, item_id, customer_id, max(paid_on) as last_on
    from sale
    where amount > 0 and paid_on between '2026-09-01' and '2026-10-31'
    group by all
    having max(paid_on) < '2026-10-01'
),

kept as (
    select branch_id, item_id, customer_id, sum(amount) as paid
    from (
        select branch_id, item_id, customer_id, amount from sale
        where paid_on between '2026-09-01' and '2026-09-30'
        union all
        select branch_id, item_id, customer_id, amount from money_line
        semi join sale using (order_key, customer_id, paid_on)
        where money_line.amount < 0 and money_line.paid_on between '2026-09-01' and '2026-09-30'
    )
    group by all
)

select
    gone.branch_id,
    gone.item_id,
    gone.customer_id,
    september.segment,
    october.segment,
    october.recency_days,
    gone.last_on,
    kept.paid,
from gone
semi join traded using (branch_id, item_id)
inner join kept using (branch_id, item_id, customer_id)
anti join held_out using (customer_id)
left join september using (customer_id)
left join october using (customer_id)
where kept.paid >= 20000
order by gone.branch_id, gone.item_id, kept.paid desc, gone.customer_id;

-- The branches, ranked
select
    rank() over (order by now.revenue desc) as place,
    branch_id,
    raw_branches.name,
    now.revenue,
    round(100 * now.revenue / sum(now.revenue) over (), 1),
    round(100 * (now.revenue / month_before.revenue - 1), 1),
    round(100 * (now.revenue / year_before.revenue - 1), 1),
from branch_month as now
inner join raw_branches using (branch_id)
left join branch_month as month_before
    on now.branch_id = month_before.branch_id and month_before.month_start = '2026-09-01'
left join branch_month as year_before
    on now.branch_id = year_before.branch_id and year_before.month_start = '2025-10-01'
where now.month_start = '2026-10-01'
order by place, branch_id;

-- Which branch is better, and by what
select
    branch_id,
    revenue,
    round(100 * revenue / avg(revenue) over () - 100, 1),
    round(100 * people / avg(people) over () - 100, 1),
    round(100 * (days / people) / avg(days / people) over () - 100, 1),
    round(100 * (revenue / days) / avg(revenue / days) over () - 100, 1),
from branch_factor
order by revenue desc;

-- Why branches grew or shrank
with effect as (
    select
        branch_id,
        revenue - revenue_before as change,
        round(revenue_before * (people - people_before) / people_before, 2) as by_people,
        round(revenue_before * (days / days_before - people / people_before), 2) as by_frequency,
        round(change - by_people - by_frequency, 2) as by_price,
    from branch_factor
)

select
    branch_id,
    change,
    by_people,
    by_frequency,
    by_price,
    arg_max(name, abs(size)),
from effect
cross join lateral (
    select unnest(['people', 'frequency', 'price']) as name, unnest([by_people, by_frequency, by_price]) as size
)
group by all
order by change desc, branch_id;

-- What each branch does better or worse
with habit as (
    select
        scope_id as branch_id,
        count(*) filter (days > 0 and days_before > 0) / count(*) filter (days_before > 0) as retention,
        count(*) filter (days > 1 or (days = 1 and first_on < '2026-10-01')) / count(*) filter (days > 0) as repurchase,
    from status
    where known_on = '2026-10-31' and scope = 'branch'
    group by all
),

measured as (
    select branch_id, 'average_transaction_value' as metric, ticket as value from branch_month
    where month_start = '2026-10-01'
    union all
    select branch_id, 'retention_rate', retention from habit
    union all
    select branch_id, 'repurchase_rate', repurchase from habit
),

placed as (
    select
        *, median(value) over (partition by metric) as middle, rank() over (partition by metric order by value desc) as place
    from measured
)

select
    branch_id, if(value > middle, 'better', 'worse'), metric, value, middle, place,
    round(100 * (value / middle - 1), 1) as percent,
from placed
where value / middle >= 1.1 or value / middle <= 0.9
order by branch_id, percent desc;

-- How branches win and keep customers
select
    scope_id as branch_id,
    round(acquisition_spend::double / chain_new_customers) as spend_per_new_customer,
    round(100 * converted_leads / due_leads, 1),
    round(100 * referred_customers / chain_new_customers, 1),
    round(100 * dormant_share, 1),
    round(100 * lost_share, 1),
    sessions_owed,
from span_side
where scope = 'branch' and span = 'now'
order by spend_per_new_customer, branch_id;

-- VIPs and active customers, month by month
select
    status.scope_id,
    month.period,
    count(*) filter (wallet.tier > 0),
    count(*) as customers,
    round(100 * count(*) filter (status.status = 'active') / customers, 1),
from month
inner join status on month.month_end = status.known_on
left join wallet using (known_on, scope, scope_id, customer_id)
where status.scope = 'branch'
group by status.scope_id, month.period
order by status.scope_id, month.period;

-- Who sells
with october as (
    select staff_id, branch_id, sum(amount) as revenue
    from money_line
    where paid_on between '2026-10-01' and '2026-10-31'
    group by all
),

september as (
    select staff_id, branch_id, sum(amount) as revenue
    from money_line
    where paid_on between '2026-09-01' and '2026-09-30'
    group by all
),

line as (
    select *, min(paid_on) over (partition by customer_id) as first_on
    from sale
    where paid_on <= '2026-10-31'
),

sold as (
    select
        branch_id,
        staff_id,
        count(distinct (customer_id, paid_on)) filter (amount > 0) as days,
        count(distinct customer_id) filter (amount > 0) as customers,
        count(distinct customer_id) filter (amount > 0 and paid_on = first_on) as new_customers,
    from line
    where paid_on >= '2026-10-01'
    group by branch_id, staff_id
),

kept as (
    select branch_id, staff_id, amount from line where paid_on >= '2026-10-01'
    union all
    select branch_id, staff_id, amount
    from money_line
    semi join line using (order_key, customer_id, paid_on)
    where amount < 0 and paid_on >= '2026-10-01'
),

paid as (
    select branch_id, staff_id, sum(amount) as paid from kept group by branch_id, staff_id
)

select
    branch_id, staff_id, october.revenue, customers, new_customers, round(paid::double / days),
    round(100 * (october.revenue::double / september.revenue - 1), 1),
from october
inner join sold using (branch_id, staff_id)
inner join paid using (branch_id, staff_id)
left join september using (branch_id, staff_id)
order by october.revenue desc, branch_id, staff_id
limit 20;

-- This month's list for the phone
with seen_last as (
    select customer.customer_id, consumption.branch_id, coalesce(sum(money_line.amount), 0) as spent
    from (select distinct customer_id, branch_id, consumed_on from consumption where known_on = '2026-10-31') as consumption
    inner join customer
        on consumption.customer_id = customer.customer_id and consumption.consumed_on = customer.last_consumed_on
    left join money_line
        on consumption.customer_id = money_line.customer_id and consumption.branch_id = money_line.branch_id
        and consumption.consumed_on = money_line.paid_on
    group by all
),

last_place as (
    select * from seen_last
    qualify row_number() over (partition by customer_id order by spent desc, branch_id) = 1
),

judged as (
    select
        customer.*,
        october.segment,
        case
            when stage = 'dead' then if(idle_days < 360, 'recall_dead', null)
            when stage in ('silent', 'dormant') and segment in ('LHH', 'LLH') then 'win_back_important'
            when silence.risk >= 0.5 then 'keep_rhythm'
            when sessions > 0 and customer.recency_days >= 60 then 'use_sessions'
            when lifetime_days = 1 and customer.recency_days between 30 and 90 then 'second_visit'
            when stage = 'dormant' then 'recall_dormant'
            when stage = 'new' then 'welcome_new'
            when segment in ('LHH', 'LLH') then 'restore_rhythm'
            when segment = 'HLH' then 'raise_frequency'
            when segment = 'HHH' or tier > 0 then 'care_vip'
        end as action,
        list_position(
            [
                'win_back_important', 'keep_rhythm', 'use_sessions', 'second_visit', 'recall_dormant', 'prevent_churn',
                'welcome_new', 'recall_dead', 'restore_rhythm', 'raise_frequency', 'care_vip',
            ],
            action
        ) as priority,
    from customer
    anti join held_out on customer.customer_id = held_out.customer_id
    inner join last_place on customer.customer_id = last_place.customer_id and branch_id = 'TPE01'
    inner join october on customer.customer_id = october.customer_id
    left join silence on customer.customer_id = silence.customer_id
)

select
    row_number() over (order by priority, revenue desc, customer_id) as place,
    customer_id,
    action,
    strategy_en,
    stage,
    segment,
    [null, 'silver', 'gold', 'diamond'][tier + 1],
    recency_days,
    revenue,
    sessions,
from judged
inner join seed_action using (action)
order by place
limit 150;

-- How many stay
with came as (
    select distinct customer_id, date_trunc('month', consumed_on) as month_start
    from consumption_day
    where known_on = '2026-10-31' and scope = 'chain'
),

aged as (
    select
        customer_id,
        min(month_start) over (partition by customer_id) as first_month,
        datediff('month', first_month, month_start) as age,
    from came
),

counted as (
    select
        strftime(first_month, '%Y-%m') as cohort_period,
        datediff('month', first_month, date '2026-10-01') as oldest,
        count(distinct customer_id) as customers,
        count(*) filter (age = 1) as after_1,
        count(*) filter (age = 2) as after_2,
        count(*) filter (age = 3) as after_3,
        count(*) filter (age = 6) as after_6,
    from aged
    group by all
)

select
    cohort_period,
    customers,
    if(oldest >= 1, round(100 * after_1 / customers, 1), null),
    if(oldest >= 2, round(100 * after_2 / customers, 1), null),
    if(oldest >= 3, round(100 * after_3 / customers, 1), null),
    if(oldest >= 6, round(100 * after_6 / customers, 1), null),
from counted
order by cohort_period;

-- Who brings the money
with shared as (
    select
        segment,
        count(*) as customers,
        count(*) / sum(count(*)) over () as share,
        sum(monetary) / sum(sum(monetary)) over () as share_of_money,
    from october
    group by segment
)

select segment, name_en, customers, round(100 * share, 1), round(100 * share_of_money, 1)
from shared
inner join seed_segment using (segment)
where naming = 'articles'
order by sort_order;

-- Who moved where
select
    coalesce(before.stage, 'unknown') as from_stage,
    stage.stage as to_stage,
    count(*) as customers,
    coalesce(sum(monetary), 0),
from stage
left join stage as before
    on stage.customer_id = before.customer_id and stage.scope = before.scope and before.known_on = '2026-09-30'
left join wallet
    on stage.customer_id = wallet.customer_id and stage.scope = wallet.scope and wallet.known_on = '2026-10-31'
where stage.known_on = '2026-10-31' and stage.scope = 'chain' and before.stage is distinct from stage.stage
group by all
order by customers desc, from_stage, to_stage;

-- Where the best customers went
select
    coalesce(september.segment, 'first visit') as from_segment,
    coalesce(october.segment, 'refunded') as to_segment,
    count(*) as customers,
    coalesce(sum(wallet.monetary), 0),
from september
full join october using (customer_id)
left join wallet on wallet.customer_id = customer_id and wallet.scope = 'chain' and wallet.known_on = '2026-10-31'
where from_segment <> to_segment and (from_segment = 'HHH' or to_segment = 'HHH')
group by all
order by customers desc, from_segment, to_segment;

-- VIPs won and lost
select
    period,
    count(*) filter (now.tier > 0 and coalesce(before.tier, 0) = 0),
    count(*) filter (coalesce(now.tier, 0) = 0 and before.tier > 0),
    count(*) filter (now.tier > before.tier and before.tier > 0),
    count(*) filter (now.tier < before.tier and now.tier > 0),
    count(*) filter (now.tier > 0),
    sum(now.monetary) filter (now.tier > 0),
from month
cross join (select distinct customer_id from wallet where scope = 'chain') as customers
left join wallet as now
    on now.known_on = month.month_end and now.scope = 'chain' and now.customer_id = customers.customer_id
left join wallet as before
    on before.known_on = month.opening and before.scope = 'chain' and before.customer_id = customers.customer_id
group by period
order by period;

-- Where the good customers come from
select
    channel,
    count(*),
    count(customer.customer_id),
    round(avg(revenue)) as mean_revenue,
    round(avg(profit)),
from (
    from lead
    where created_on <= '2026-10-31'
    qualify row_number() over (partition by customer_id order by created_on, branch_id) = 1
)
left join customer using (customer_id)
group by channel
order by mean_revenue desc, channel;

-- What a customer of each channel is worth over time
with newcomer as (
    select customer.customer_id, date_trunc('month', first_consumed_on)::date as month_start, first_lead.channel
    from customer
    left join (
        from lead
        where created_on <= '2026-10-31'
        qualify row_number() over (partition by customer_id order by created_on, branch_id) = 1
    ) as first_lead using (customer_id)
),

horizon as (
    select newcomer.*, age, last_day(month_start + age * interval 1 month) as until
    from newcomer
    cross join (select unnest([0, 3, 6, 9]) as age)
    where until <= '2026-10-31'
),

worth as (
    select horizon.customer_id, age, channel, coalesce(sum(amount), 0) as revenue
    from horizon
    left join money_line on horizon.customer_id = money_line.customer_id and paid_on <= until
    group by all
)

select
    coalesce(channel, 'no lead') as name,
    round(avg(revenue) filter (age = 0)),
    round(avg(revenue) filter (age = 3)),
    round(avg(revenue) filter (age = 6)),
    round(avg(revenue) filter (age = 9)) as after_9,
from worth
group by channel
order by after_9 desc, name;

-- Sessions owed
with held as (
    select branch_id, customer_id, sum(sessions_left) as sessions
    from package
    where known_on = '2026-10-31' and is_open
    group by all
)

select
    branch_id,
    count(*),
    sum(sessions) as sessions,
    count(*) filter (date '2026-10-31' - last_consumed_on >= 60),
from held
left join consumer
    on consumer.known_on = '2026-10-31' and consumer.scope = 'branch' and consumer.scope_id = held.branch_id
    and consumer.customer_id = held.customer_id
group by branch_id
order by sessions desc, branch_id;

-- What a new customer costs
with cohort as (
    select coalesce(channel, 'no lead') as channel, leads, first_orders, first_orders_open, 0 as spent, 0 as profit
    from cohort_head
    where starts_on between '2026-01-01' and '2026-07-01'
    union all
    select coalesce(channel, 'no lead'), 0, 0, 0, amount, 0
    from in_spend
    where spent_on between '2026-01-01' and '2026-07-31'
    union all
    select coalesce(newcomer.channel, 'no lead'), 0, 0, 0, 0, money_line.amount - coalesce(money_line.cost, 0)
    from newcomer
    inner join money_line using (customer_id)
    where known_on between '2026-01-01' and '2026-07-31' and paid_on <= '2026-10-31'
)

select
    channel,
    sum(leads),
    sum(first_orders) as new_customers,
    sum(first_orders_open),
    sum(spent)::decimal(18, 2) as spent,
    round(sum(spent)::double / new_customers) as cost,
    round(sum(profit)::double / new_customers),
from cohort
group by channel
order by cost desc, channel;

-- Who comes, and who buys
with this_year as (
    from newcomer
    where known_on between '2026-01-01' and '2026-10-31' and branch_id is not null
)

select
    branch_id,
    count(*) filter (where is_booked) as booked,
    round(100 * count(arrived_on) / booked, 1),
    count(consulted_on) as advised,
    round(100 * count(*) filter (where is_closed) / advised, 1) as bought_percent,
    round(100 * count(*) filter (where not is_closed and consulted_on > '2026-08-02') / advised, 1),
from this_year
group by branch_id
order by bought_percent desc, branch_id;

-- Did the calls work
with called as (
    select
        action,
        is_held_out,
        count(*) as customers,
        count(*) filter (where is_contacted) as contacted,
        count(back_after) as back,
        avg(money['90']::double) as mean,
    from follow_up
    group by action, is_held_out
)

select
    asked.action,
    if(is_tried, 'experiment', null) as basis,
    case
        when held.action is null then 'no_control'
        when not is_tried then 'not_tried'
        when uplift.low * uplift.high > 0 and abs(uplift.uplift) > more_contacted then 'doubtful'
        when uplift.low > 0 then 'higher'
        when uplift.high < 0 then 'lower'
        else 'cannot_tell'
    end as verdict,
    asked.customers,
    asked.contacted,
    round(100 * asked.back / asked.customers, 1),
    round(100 * if(is_tried, uplift.uplift, null), 1) as more,
    round(100 * if(is_tried, uplift.low, null), 1),
    round(100 * if(is_tried, uplift.high, null), 1),
    round(if(is_tried, asked.mean - held.mean, null)),
from called as asked
left join called as held on asked.action = held.action and held.is_held_out
cross join lateral (
    select asked.contacted / asked.customers - held.contacted / held.customers as more_contacted, more_contacted >= 0.1 as is_tried
)
cross join lateral (select newcombe(asked.back, asked.customers, held.back, held.customers) as uplift)
where not asked.is_held_out
order by more desc nulls last, asked.action;

-- Whether friends' friends are better
with first_day as (
    select customer_id, min(paid_on) as paid_on from sale group by customer_id
),

friend as (
    select distinct customer_id
    from first_day
    inner join sale using (customer_id, paid_on)
    where referrer_id <> customer_id
),

beginner as (
    select customer_id, min(consumed_on) as first_on, count(distinct consumed_on) > 1 as again
    from consumption
    where known_on = '2026-10-31'
    group by customer_id
    having first_on between '2026-01-01' and '2026-06-30'
),

paid as (
    select customer_id, sum(amount) as amount from money_line where paid_on <= '2026-10-31' group by customer_id
)

select
    first_on < '2026-04-01' as is_early,
    friend.customer_id is not null as was_referred,
    count(*),
    round(100 * avg(again::int), 1),
    round(avg(coalesce(amount, 0)::double)),
from beginner
left join friend using (customer_id)
left join paid using (customer_id)
group by 1, 2
order by 1, 2;
