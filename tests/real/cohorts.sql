-- First-timers, cohorts and lifetime value, from the tables of stages.sql and facts.sql, as known on as_of.

-- Every reporting period from the first row's on, numbered. `reached` is its last day so far.
create or replace table calendar as
with first_row as (
    select least(
        (select min(paid_on) from money_line), (select min(visited_on) from visit), (select as_of from run)
    ) as first_day,
),

span as (
    select
        run.period as kind,
        run.as_of,
        period.period_start,
        if(run.period = 'day', first_row.first_day, date_trunc(run.period, first_row.first_day)::date) as first_start,
    from run
    cross join period
    cross join first_row
),

listed as (
    select
        unnest(
            generate_series(
                first_start::timestamp,
                period_start::timestamp,
                case kind
                    when 'day' then interval 1 day
                    when 'week' then interval 7 day
                    when 'month' then interval 1 month
                    when 'quarter' then interval 3 month
                end
            )
        )::date as starts_on,
        kind,
        as_of,
    from span
)

select
    row_number() over (order by starts_on) as number,
    starts_on,
    coalesce(lead(starts_on) over (order by starts_on) - 1, as_of) as reached,
    case kind
        when 'day' then strftime(starts_on, '%Y-%m-%d')
        when 'week' then strftime(starts_on, '%G-W%V')
        when 'month' then strftime(starts_on, '%Y-%m')
        when 'quarter' then strftime(starts_on, '%Y-Q') || quarter(starts_on)::text
    end as period,
from listed;

-- Net money of a customer's day at a branch, and there in a department.
create or replace table branch_day_money as
select customer_id, branch_id, paid_on, sum(amount) as amount
from money_line
group by customer_id, branch_id, paid_on;

create or replace table department_day_money as
select customer_id, branch_id, department, paid_on, sum(amount) as amount
from money_line
group by customer_id, branch_id, department, paid_on;

-- The branch of every consumption day of the chain: the one with the most money that day, then the first by id.
create or replace table day_branch as
with candidate as (
    select distinct customer_id, consumed_on, branch_id
    from consumption
    inner join run on consumption.known_on = run.as_of
)

select candidate.customer_id, candidate.consumed_on, candidate.branch_id
from candidate
left join branch_day_money
    on candidate.customer_id = branch_day_money.customer_id
    and candidate.branch_id = branch_day_money.branch_id
    and candidate.consumed_on = branch_day_money.paid_on
qualify row_number() over (
    partition by candidate.customer_id, candidate.consumed_on
    order by coalesce(branch_day_money.amount, 0) desc, candidate.branch_id asc
) = 1;

create or replace table first_visit as
with numbered as (
    select customer_id, consumed_on, row_number() over (partition by customer_id order by consumed_on) as number
    from consumption_day
    inner join run on consumption_day.known_on = run.as_of
    where scope = 'chain'
),

candidate as (
    select distinct
        numbered.customer_id,
        numbered.consumed_on as first_on,
        day_branch.branch_id,
        consumption.department,
    from numbered
    cross join run
    inner join day_branch using (customer_id, consumed_on)
    inner join consumption
        on consumption.known_on = run.as_of
        and numbered.customer_id = consumption.customer_id
        and numbered.consumed_on = consumption.consumed_on
        and day_branch.branch_id = consumption.branch_id
    where numbered.number = 1
),

placed as (
    select candidate.*
    from candidate
    left join department_day_money
        on candidate.customer_id = department_day_money.customer_id
        and candidate.branch_id = department_day_money.branch_id
        and candidate.department is not distinct from department_day_money.department
        and candidate.first_on = department_day_money.paid_on
    qualify row_number() over (
        partition by candidate.customer_id
        order by coalesce(department_day_money.amount, 0) desc, candidate.department asc nulls last
    ) = 1
)

select placed.*, second_day.consumed_on as second_on, second_day.consumed_on - placed.first_on as days_between
from placed
left join numbered as second_day on placed.customer_id = second_day.customer_id and second_day.number = 2;

create or replace table want_fct_first_to_second as
select
    calendar.period as cohort_period,
    first_visit.branch_id,
    first_visit.department,
    count(*) as first_timers,
    count(*) filter (where days_between <= 30) as returned_30_days,
    count(*) filter (where days_between <= 60) as returned_60_days,
    count(*) filter (where days_between <= 90) as returned_90_days,
    count(*) filter (where days_between > 90) as returned_later,
    count(*) filter (where second_on is null and first_on + 90 > run.as_of) as still_open,
    count(*) filter (where second_on is null and first_on + 90 <= run.as_of) as never_returned,
    returned_later + never_returned as not_returned_90_days,
from first_visit
cross join run
inner join calendar on first_visit.first_on between calendar.starts_on and calendar.reached
group by calendar.period, first_visit.branch_id, first_visit.department;

create or replace table want_fct_cohort_retention as
with member as (
    select consumer.scope, consumer.scope_id, consumer.customer_id, calendar.number as cohort
    from consumer
    inner join run on consumer.known_on = run.as_of
    inner join calendar on consumer.first_consumed_on between calendar.starts_on and calendar.reached
),

cohort as (
    select scope, scope_id, cohort, count(*) as customers
    from member
    group by scope, scope_id, cohort
),

retained as (
    select member.scope, member.scope_id, member.cohort, calendar.number, count(distinct member.customer_id) as customers
    from member
    cross join run
    inner join consumption_day using (scope, scope_id, customer_id)
    inner join calendar on consumption_day.consumed_on between calendar.starts_on and calendar.reached
    where consumption_day.known_on = run.as_of
    group by all
),

earned as (
    select member.scope, member.scope_id, member.cohort, calendar.number, sum(scoped_money.amount) as revenue
    from member
    inner join scoped_money using (scope, scope_id, customer_id)
    inner join calendar on scoped_money.paid_on between calendar.starts_on and calendar.reached
    group by all
)

select
    cohort.scope,
    cohort.scope_id,
    born.period as cohort_period,
    aged.number - born.number as age,
    aged.period as activity_period,
    cohort.customers,
    coalesce(retained.customers, 0) as retained_customers,
    coalesce(earned.revenue, 0)::decimal(18, 2) as revenue,
from cohort
inner join calendar as born on cohort.cohort = born.number
inner join calendar as aged on born.number <= aged.number
left join retained
    on cohort.scope = retained.scope
    and cohort.scope_id = retained.scope_id
    and born.number = retained.cohort
    and aged.number = retained.number
left join earned
    on cohort.scope = earned.scope
    and cohort.scope_id = earned.scope_id
    and born.number = earned.cohort
    and aged.number = earned.number;

-- Of a line without a cost the margin of its item, else of its department, else the chain's is profit, in whole cents.
-- Without any, a refund counts in full, and a sale leaves the customer's profit unknown.
create or replace table want_fct_customer_ltv as
with money as (
    select
        scoped_money.scope,
        scoped_money.scope_id,
        scoped_money.customer_id,
        sum(scoped_money.amount) as revenue,
        sum(
            case
                when scoped_money.cost is not null then scoped_money.amount - scoped_money.cost
                else round(scoped_money.amount * coalesce(of_item.margin, of_department.margin, of_chain.margin, 1), 2)
            end
        ) as profit,
        bool_or(
            coalesce(scoped_money.cost, of_item.margin, of_department.margin, of_chain.margin) is null
            and scoped_money.amount > 0
        ) as is_unknown,
    from scoped_money
    inner join run on scoped_money.paid_on <= run.as_of
    left join margin as of_item on scoped_money.item_id = of_item.item_id
    left join margin as of_department on scoped_money.department = of_department.department
    left join margin as of_chain on of_chain.item_id is null and of_chain.department is null
    group by scoped_money.scope, scoped_money.scope_id, scoped_money.customer_id
)

select
    consumer.scope,
    consumer.scope_id,
    consumer.customer_id,
    consumer.first_consumed_on,
    consumer.last_consumed_on,
    run.as_of - consumer.first_consumed_on as tenure_days,
    consumer.lifetime_days as consumption_days,
    coalesce(money.revenue, 0)::decimal(18, 2) as revenue,
    if(coalesce(money.is_unknown, false), null, coalesce(money.profit, 0))::decimal(18, 2) as profit,
from consumer
inner join run on consumer.known_on = run.as_of
left join money using (scope, scope_id, customer_id);

-- What a cohort's customers had paid, and what of it was profit, by the end of each period: of all lines up to then. By
-- the channel of the earliest lead, at the first branch by id, and by the department of the first visit.
create or replace table want_fct_value_curve as
with first_lead as (
    select lead.customer_id, lead.channel
    from lead
    inner join run on lead.created_on <= run.as_of
    qualify row_number() over (partition by customer_id order by created_on asc, branch_id asc nulls last) = 1
),

member as (
    select 'department' as split_by, department as split_value, customer_id, first_on
    from first_visit
    union all
    select 'channel' as split_by, first_lead.channel as split_value, first_visit.customer_id, first_visit.first_on
    from first_visit
    left join first_lead using (customer_id)
    where (select count(*) > 0 from in_leads)
),

cohort as (
    select member.split_by, member.split_value, calendar.number, calendar.period, list(customer_id) as members
    from member
    inner join calendar on member.first_on between calendar.starts_on and calendar.reached
    group by all
),

line as (
    select
        money_line.customer_id,
        money_line.paid_on,
        money_line.amount,
        case
            when money_line.cost is not null then money_line.amount - money_line.cost
            else round(money_line.amount * coalesce(of_item.margin, of_department.margin, of_chain.margin, 1), 2)
        end as profit,
        coalesce(money_line.cost, of_item.margin, of_department.margin, of_chain.margin) is null
        and money_line.amount > 0 as is_unknown,
    from money_line
    left join margin as of_item on money_line.item_id = of_item.item_id
    left join margin as of_department on money_line.department = of_department.department
    left join margin as of_chain on of_chain.item_id is null and of_chain.department is null
),

daily as (
    select customer_id, paid_on, sum(amount) as amount, sum(profit) as profit, bool_or(is_unknown) as is_unknown
    from line
    group by all
),

paid as (
    select cohort.split_by, cohort.split_value, cohort.number, daily.*
    from cohort, unnest(cohort.members) as listed(customer_id)
    inner join daily using (customer_id)
),

curve as (
    select
        cohort.period as cohort_period,
        cohort.split_by,
        cohort.split_value,
        aged.number - cohort.number as age,
        aged.period as activity_period,
        len(cohort.members) as customers,
        coalesce(sum(paid.amount), 0)::decimal(18, 2) as cumulative_revenue,
        if(coalesce(bool_or(paid.is_unknown), false), null, coalesce(sum(paid.profit), 0))::decimal(18, 2)
            as cumulative_profit,
    from cohort
    inner join calendar as aged on cohort.number <= aged.number
    left join paid
        on cohort.split_by = paid.split_by
        and cohort.split_value is not distinct from paid.split_value
        and cohort.number = paid.number
        and paid.paid_on <= aged.reached
    group by all
)

select
    *,
    cumulative_revenue::double / customers as revenue_per_customer,
    cumulative_profit::double / customers as profit_per_customer,
from curve;
