-- What fct_lifecycle_snapshot tells beside the stage, and the counts that follow from it, from the tables of
-- stages.sql, facts.sql, status.sql and since.sql.

-- VIP tiers by what was known on each day.
create or replace table vip as
with monetary as (
    select
        known_day.known_on,
        scoped_money.scope,
        scoped_money.scope_id,
        scoped_money.customer_id,
        sum(scoped_money.amount) filter (
            where scoped_money.paid_on > known_day.known_on - coalesce(own_window.window_days, run.window_days)
        ) as monetary,
        sum(scoped_money.amount) as lifetime_monetary,
    from scoped_money
    cross join run
    inner join known_day on scoped_money.paid_on <= known_day.known_on
    left join own_window
        on known_day.known_on = own_window.known_on
        and scoped_money.scope = own_window.scope
        and scoped_money.scope_id = own_window.scope_id
        and scoped_money.customer_id = own_window.customer_id
    group by all
),

frequency as (
    select
        scoped_consumption.known_on,
        scoped_consumption.scope,
        scoped_consumption.scope_id,
        scoped_consumption.customer_id,
        count(distinct scoped_consumption.consumed_on) as days,
        count(distinct scoped_consumption.order_key) as orders,
        count(scoped_consumption.order_key) as lines,
    from scoped_consumption
    inner join own_window using (known_on, scope, scope_id, customer_id)
    where scoped_consumption.consumed_on > scoped_consumption.known_on - own_window.window_days
    group by all
),

valued as (
    select
        consumer.known_on,
        consumer.scope,
        consumer.scope_id,
        consumer.customer_id,
        case
            when run.vip_metric = 'monetary' then coalesce(monetary.monetary, 0)
            when run.vip_metric = 'lifetime_monetary' then coalesce(monetary.lifetime_monetary, 0)
            when run.frequency_counts = 'days' then coalesce(frequency.days, 0)
            when run.frequency_counts = 'orders' then coalesce(frequency.orders, 0)
            when run.frequency_counts = 'lines' then coalesce(frequency.lines, 0)
        end as value,
    from consumer
    cross join run
    left join monetary using (known_on, scope, scope_id, customer_id)
    left join frequency using (known_on, scope, scope_id, customer_id)
)

select
    valued.known_on,
    valued.scope,
    valued.scope_id,
    valued.customer_id,
    max(tier.position) as position,
    max_by(tier.vip_tier, tier.position) as vip_tier,
from valued
inner join tier on valued.value >= tier.at_least
group by valued.known_on, valued.scope, valued.scope_id, valued.customer_id;

-- The median of everybody's own gaps, and how many these are: none, for who came once.
create or replace table own_gap as
with gap as (
    select
        known_on,
        scope,
        scope_id,
        customer_id,
        consumed_on - lag(consumed_on) over (
            partition by known_on, scope, scope_id, customer_id order by consumed_on
        ) as days,
    from consumption_day
)

select known_on, scope, scope_id, customer_id, count(days) as gaps, median(days) as gap_days
from gap
group by known_on, scope, scope_id, customer_id;

create or replace table usual_gap as
with placed as (
    select own_gap.*, last_department.department
    from own_gap
    inner join last_department using (known_on, scope, scope_id, customer_id)
),

all_gap as (
    select known_on, median(gap_days) as gap_days
    from placed
    where scope = 'chain'
    group by known_on
),

department_gap as (
    select known_on, department, median(gap_days) as gap_days
    from placed
    where scope = 'chain' and department is not null
    group by known_on, department
)

select
    placed.known_on,
    placed.scope,
    placed.scope_id,
    placed.customer_id,
    (coalesce(placed.gaps * placed.gap_days, 0) + 3 * coalesce(department_gap.gap_days, all_gap.gap_days))
    / (placed.gaps + 3) as usual_gap_days,
from placed
inner join all_gap using (known_on)
left join department_gap using (known_on, department);

-- Whoever was silent or dormant in the chain 90 days ago, how long they had been away by their own measure, and
-- whether they came since.
create or replace table observed as
select
    last_department.department,
    standing.recency_days + usual_gap.usual_gap_days as measure,
    coalesce(consumer.last_consumed_on > run.as_of - 90, false)::integer as is_returned,
from stage
cross join run
inner join standing using (known_on, scope, scope_id, customer_id)
inner join last_department using (known_on, scope, scope_id, customer_id)
inner join usual_gap using (known_on, scope, scope_id, customer_id)
left join consumer
    on consumer.known_on = run.as_of
    and stage.scope = consumer.scope
    and stage.scope_id = consumer.scope_id
    and stage.customer_id = consumer.customer_id
where stage.known_on = run.as_of - 90 and stage.scope = 'chain' and stage.stage in ('silent', 'dormant');

create or replace table at_risk as
with whole as (
    select avg(measure) as mean_measure, avg(is_returned) as share
    from observed
),

per_department as (
    select department, sum(is_returned) as returned, sum(1 - is_returned) as absent
    from observed
    where department is not null
    group by department
),

measured as (
    select
        standing.scope,
        standing.scope_id,
        standing.customer_id,
        standing.recency_days + usual_gap.usual_gap_days as measure,
        whole.mean_measure
        * (coalesce(per_department.returned, 0) + 20 * whole.share)
        / (coalesce(per_department.absent, 0) + 20 * (1 - whole.share)) as half_measure,
    from standing
    inner join whole on whole.share < 1
    inner join run on standing.known_on = run.as_of
    inner join last_department using (known_on, scope, scope_id, customer_id)
    inner join usual_gap using (known_on, scope, scope_id, customer_id)
    left join per_department on last_department.department = per_department.department
)

select scope, scope_id, customer_id, measure / (measure + half_measure) as churn_risk
from measured;

create or replace table want_fct_lifecycle_snapshot as
with window_money as (
    select scope, scope_id, customer_id, sum(amount) as monetary
    from scoped_money
    cross join run
    left join (from own_window semi join run on own_window.known_on = run.as_of) as own
        using (scope, scope_id, customer_id)
    where paid_on between run.as_of - coalesce(own.window_days, run.window_days) + 1 and run.as_of
    group by scope, scope_id, customer_id
),

risky as (
    select
        known.*,
        last_department.department,
        acquaintance.known_from as known_on,
        standing.recency_days,
        coalesce(rfm_value.frequency, 0) as frequency,
        coalesce(window_money.monetary, 0)::decimal(18, 2) as monetary,
        coalesce(known.stage = 'dead' and standing.idle_days >= standing.beyond_recall_days, false) as is_beyond_recall,
        now_status.status as period_status,
        before_status.status as previous_period_status,
        coalesce(not period.is_period_end and standing.last_consumed_on < period.period_start, false)
        and roller.customer_id is null as is_provisional,
        now_vip.vip_tier,
        before_vip.vip_tier as previous_vip_tier,
        case
            when now_vip.position = before_vip.position then null
            when before_vip.position is null and now_vip.position is not null then 'entered'
            when now_vip.position is null and before_vip.position is not null then 'left'
            when now_vip.position > before_vip.position then 'raised'
            when now_vip.position < before_vip.position then 'lowered'
        end as vip_change,
        since.stage_since,
        period.as_of - since.stage_since as days_in_stage,
        usual_gap.usual_gap_days,
        if(
            known.stage in ('effective', 'active', 'loyal'),
            (standing.recency_days + usual_gap.usual_gap_days)
            / (standing.recency_days + usual_gap.usual_gap_days + standing.dormant_idle_days),
            null
        ) as silence_risk,
        if(known.stage in ('silent', 'dormant'), at_risk.churn_risk, null) as churn_risk,
    from want_fct_lifecycle_snapshot as known
    cross join period
    inner join acquaintance using (scope, scope_id, customer_id)
    left join since using (scope, scope_id, customer_id)
    left join standing
        on standing.known_on = period.as_of
        and known.scope = standing.scope
        and known.scope_id = standing.scope_id
        and known.customer_id = standing.customer_id
    left join last_department
        on last_department.known_on = period.as_of
        and known.scope = last_department.scope
        and known.scope_id = last_department.scope_id
        and known.customer_id = last_department.customer_id
    left join window_money using (scope, scope_id, customer_id)
    left join roller
        on roller.known_on = period.as_of
        and known.scope = roller.scope
        and known.scope_id = roller.scope_id
        and known.customer_id = roller.customer_id
    left join rfm_value
        on known.scope = rfm_value.scope
        and known.scope_id = rfm_value.scope_id
        and known.customer_id = rfm_value.customer_id
    left join period_status as now_status
        on now_status.known_on = period.as_of
        and known.scope = now_status.scope
        and known.scope_id = now_status.scope_id
        and known.customer_id = now_status.customer_id
    left join period_status as before_status
        on before_status.known_on = period.opening
        and known.scope = before_status.scope
        and known.scope_id = before_status.scope_id
        and known.customer_id = before_status.customer_id
    left join usual_gap
        on usual_gap.known_on = period.as_of
        and known.scope = usual_gap.scope
        and known.scope_id = usual_gap.scope_id
        and known.customer_id = usual_gap.customer_id
    left join at_risk using (scope, scope_id, customer_id)
    left join vip as now_vip
        on now_vip.known_on = period.as_of
        and known.scope = now_vip.scope
        and known.scope_id = now_vip.scope_id
        and known.customer_id = now_vip.customer_id
    left join vip as before_vip
        on before_vip.known_on = period.opening
        and known.scope = before_vip.scope
        and known.scope_id = before_vip.scope_id
        and known.customer_id = before_vip.customer_id
),

open_package as (
    select package.customer_id, scopes.scope, scopes.scope_id, sum(package.sessions_left) as sessions_left
    from package
    inner join run on package.known_on = run.as_of
    inner join (select distinct scope, scope_id from person) as scopes
        on scopes.scope_id in ('*', package.branch_id)
    where package.is_open
    group by all
)

select
    risky.*,
    coalesce(open_package.sessions_left, 0) as package_sessions_left,
    case
        when risky.silence_risk >= 0.5 or risky.churn_risk >= 0.75 then 'high'
        when risky.silence_risk >= 0.4 or risky.churn_risk >= 0.5 then 'medium'
        when risky.silence_risk is not null or risky.churn_risk is not null then 'low'
    end as risk_band,
from risky
left join open_package using (scope, scope_id, customer_id);

create or replace table want_fct_lifecycle_transition as
select
    scope,
    scope_id,
    previous_stage as from_stage,
    stage as to_stage,
    count(*) as customers,
    sum(monetary)::decimal(18, 2) as monetary,
from want_fct_lifecycle_snapshot
group by scope, scope_id, previous_stage, stage;

create or replace table want_fct_period_summary as
with counted as (
    select
        snapshot.scope,
        snapshot.scope_id,
        if((select count(*) from in_leads) = 0, null, count(*) filter (where stage = 'potential')) as leads,
        count(*) filter (where period_status = 'active') as active_customers,
        if(
            (select count(*) from tier) = 0,
            null,
            count(*) filter (
                where vip_tier is not null and previous_vip_tier is null and previous_period_status = 'active'
            )
        ) as active_to_vip_customers,
        if(
            any_value(period.is_period_end),
            count(*) filter (
                where period_status = 'dormant'
                    and previous_period_status <> 'dormant'
                    and (previous_period_status = 'active' or previous_vip_tier is not null)
            ),
            null
        ) as active_or_vip_to_dormant_customers,
        if(
            any_value(period.is_period_end),
            count(*) filter (where period_status = 'lost' and previous_period_status is distinct from 'lost'),
            null
        ) as lost_customers,
        count(*) filter (where previous_period_status = 'dormant' and period_status = 'active') as reactivated_customers,
        count(*) filter (where previous_period_status = 'lost' and period_status = 'active') as recalled_customers,
        count(*) filter (where last_consumed_on >= period.period_start) as consuming_customers,
    from want_fct_lifecycle_snapshot as snapshot
    cross join period
    group by snapshot.scope, snapshot.scope_id
)

select
    want_fct_period_summary.*,
    counted.* exclude (scope, scope_id),
    coalesce(fallen.dormant_to_date_customers, 0) as dormant_to_date_customers,
    coalesce(fallen.previous_dormant_to_date_customers, 0) as previous_dormant_to_date_customers,
    coalesce(fallen.lost_to_date_customers, 0) as lost_to_date_customers,
    coalesce(fallen.previous_lost_to_date_customers, 0) as previous_lost_to_date_customers,
from want_fct_period_summary
inner join counted using (scope, scope_id)
left join fallen using (scope, scope_id);
