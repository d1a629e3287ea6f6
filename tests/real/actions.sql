-- High-value actions, their effect and the action list, from the tables of cohorts.sql and risk.sql.

-- Lines that were sold by as_of and not fully refunded since, and all that moved money by then.
create or replace table sale as
select money_line.*
from money_line
inner join run on money_line.paid_on <= run.as_of
anti join emptied_order on money_line.order_key = emptied_order.order_key and run.as_of = emptied_order.known_on
where money_line.amount >= 0;

-- The days of the actions, with the lines (or visits) that make them. Only where something was sold or done that
-- wasn't fully refunded, an action was taken.
create or replace table action_line as
with second_day as (
    select customer_id, paid_on
    from (select distinct customer_id, paid_on from sale)
    qualify row_number() over (partition by customer_id order by paid_on) = 2
),

judged_line as (
    select money_line.*, money_line.amount >= 0 and emptied_order.order_key is null as is_sale
    from money_line
    inner join run on money_line.paid_on <= run.as_of
    left join emptied_order
        on money_line.order_key = emptied_order.order_key and run.as_of = emptied_order.known_on
),

second_purchase as (
    select customer_id, 'second_purchase' as action, paid_on as acted_on, branch_id, department, amount, is_sale as is_taken
    from second_day
    inner join judged_line using (customer_id, paid_on)
),

bought as (
    select customer_id, kind as action, paid_on as acted_on, branch_id, department, amount, true as is_taken
    from sale
    where kind in ('package', 'top_up')
),

-- What is sold under a campaign's name.
offered as (
    select customer_id, 'campaign' as action, paid_on as acted_on, branch_id, department, amount, true as is_taken
    from sale
    where campaign_id is not null
),

-- Of a package or top-up on the first day with a sale.
first_purchase as (
    select bought.* replace ('first_purchase' as action)
    from bought
    inner join (select customer_id, min(paid_on) as acted_on from sale group by customer_id) as first_day
        using (customer_id, acted_on)
),

-- A friend's first day with a sale, where a line names another known customer.
referred as (
    select distinct first_day.customer_id as friend_id, first_day.paid_on, sale.referrer_id
    from (select customer_id, min(paid_on) as paid_on from sale group by customer_id) as first_day
    inner join sale using (customer_id, paid_on)
    inner join person on sale.referrer_id = person.customer_id and person.scope = 'chain'
    where sale.referrer_id <> first_day.customer_id
),

referral as (
    select
        referred.referrer_id as customer_id,
        'referral' as action,
        referred.paid_on as acted_on,
        judged_line.branch_id,
        judged_line.department,
        judged_line.amount,
        judged_line.is_sale as is_taken,
    from referred
    inner join judged_line on referred.friend_id = judged_line.customer_id and referred.paid_on = judged_line.paid_on
),

known_consumption as (
    select consumption.*
    from consumption
    inner join run on consumption.known_on = run.as_of
),

department_day as (
    select customer_id, department, min(consumed_on) as acted_on
    from known_consumption
    where department is not null
    group by customer_id, department
),

later_department as (
    select department_day.*
    from department_day
    inner join (select customer_id, min(consumed_on) as first_on from known_consumption group by all) using (customer_id)
    where acted_on > first_on
),

new_department as (
    select customer_id, 'new_department' as action, acted_on, judged_line.branch_id, department, amount, false as is_taken
    from later_department
    inner join judged_line using (customer_id, department)
    where judged_line.paid_on = acted_on
    union all
    select customer_id, 'new_department' as action, acted_on, branch_id, department, 0 as amount, true as is_taken
    from later_department
    inner join known_consumption using (customer_id, department)
    where known_consumption.consumed_on = acted_on
)

from second_purchase
union all from bought
union all from offered
union all from first_purchase
union all from referral
union all from new_department;

create or replace table want_fct_high_value_action as
with ledger as (
    select customer_id, action, acted_on, sum(amount)::decimal(18, 2) as amount
    from action_line
    cross join run
    where acted_on > run.as_of - run.window_days
    group by customer_id, action, acted_on
),

branch as (
    select customer_id, action, acted_on, branch_id
    from action_line
    group by customer_id, action, acted_on, branch_id
    having bool_or(is_taken)
    qualify row_number() over (partition by customer_id, action, acted_on order by sum(amount) desc, branch_id asc) = 1
),

-- At that branch.
department as (
    select customer_id, action, acted_on, department
    from action_line
    inner join branch using (customer_id, action, acted_on, branch_id)
    group by customer_id, action, acted_on, department
    having bool_or(is_taken)
    qualify row_number() over (
        partition by customer_id, action, acted_on order by sum(amount) desc, department asc nulls last
    ) = 1
),

spending as (
    select
        ledger.customer_id,
        ledger.action,
        ledger.acted_on,
        sum(money_line.amount) filter (
            where money_line.paid_on between ledger.acted_on - 60 and ledger.acted_on - 1
        ) as before_amount,
        sum(money_line.amount) filter (
            where money_line.paid_on between ledger.acted_on + 1 and ledger.acted_on + 60
        ) as after_amount,
    from ledger
    left join money_line using (customer_id)
    group by all
)

select
    ledger.customer_id,
    ledger.action,
    ledger.acted_on,
    branch.branch_id,
    department.department,
    if(
        ledger.action = 'campaign',
        (
            select min(sale.campaign_id)
            from sale
            where sale.customer_id = ledger.customer_id and sale.paid_on = ledger.acted_on
        ),
        null
    ) as campaign_id,
    ledger.amount,
    coalesce(spending.before_amount, 0)::double / 2 as value_before,
    if(ledger.acted_on + 60 <= run.as_of, coalesce(spending.after_amount, 0)::double / 2, null) as value_after,
    value_after - value_before as value_jump,
    value_after + ledger.amount::double / 2 as value_with_act,
    value_with_act - value_before as jump_with_act,
from ledger
cross join run
inner join branch using (customer_id, action, acted_on)
inner join department using (customer_id, action, acted_on)
inner join spending using (customer_id, action, acted_on);

-- In the chain: a branch has too few alike.
create or replace table want_fct_hva_effect as
with spending as (
    select
        money_line.customer_id,
        sum(
            case
                when money_line.paid_on between run.as_of - 149 and run.as_of - 90 then -money_line.amount
                when money_line.paid_on between run.as_of - 59 and run.as_of then money_line.amount
            end
        ) as change,
    from money_line
    cross join run
    group by money_line.customer_id
),

-- Whoever had consumed by then.
then_customer as (
    select stage.customer_id, stage.stage, coalesce(spending.change, 0)::double / 2 as jump
    from stage
    inner join run on stage.known_on = run.as_of - 90
    left join spending using (customer_id)
    where stage.scope = 'chain' and stage.stage <> 'potential'
),

acted as (
    select customer_id, action, sum(amount)::double as amount
    from want_fct_high_value_action
    inner join run on acted_on between run.as_of - 89 and run.as_of - 60
    group by customer_id, action
),

actor as (
    select acted.action, acted.amount, then_customer.jump + acted.amount / 2 as jump_with_act, then_customer.*
    from acted
    inner join then_customer using (customer_id)
),

like_customer as (
    select acting_stage.action, then_customer.*
    from (select distinct action, stage from actor) as acting_stage
    inner join then_customer using (stage)
    anti join acted using (customer_id, action)
),

like_stage as (
    select action, stage, count(*) as customers, median(jump) as median_jump, avg(jump) as mean_jump
    from like_customer
    group by action, stage
)

select
    'chain' as scope,
    '*' as scope_id,
    actor.action,
    count(*) as customers,
    coalesce((select sum(customers) from like_stage where like_stage.action = actor.action), 0) as like_customers,
    median(actor.jump) as median_jump,
    median(like_stage.median_jump) as like_median_jump,
    median(actor.jump - like_stage.median_jump) as median_lift,
    avg(actor.jump) as mean_jump,
    avg(like_stage.mean_jump) as like_mean_jump,
    avg(actor.jump - like_stage.mean_jump) as mean_lift,
    median(actor.amount) as median_amount,
    avg(actor.amount) as mean_amount,
    median(actor.jump_with_act) as median_jump_with_act,
    avg(actor.jump_with_act) as mean_jump_with_act,
from actor
left join like_stage using (action, stage)
group by actor.action;

create or replace table want_fct_action_list as
with
-- Who never consumed is the branch's where they were first known, by a row of any kind.
lead_branch as (
    select
        acquaintance.customer_id,
        arg_min(acquaintance.scope_id, (acquaintance.known_from, acquaintance.scope_id)) as branch_id,
    from acquaintance
    inner join run on acquaintance.known_from <= run.as_of
    where acquaintance.scope = 'branch'
    group by acquaintance.customer_id
),

lifetime as (
    select customer_id, sum(amount) as monetary
    from money_line
    inner join run on money_line.paid_on <= run.as_of
    group by customer_id
),

facts as (
    select
        snapshot.*,
        run.as_of,
        coalesce(day_branch.branch_id, lead_branch.branch_id) as branch_id,
        want_fct_customer_rfm.segment,
        want_fct_customer_rfm.low_value_high_activity,
        consumer.lifetime_days,
        coalesce(lifetime.monetary, 0)::decimal(18, 2) as lifetime_monetary,
    from want_fct_lifecycle_snapshot as snapshot
    cross join run
    left join want_fct_customer_rfm using (scope, scope_id, customer_id)
    left join consumer
        on consumer.known_on = run.as_of
        and consumer.scope = 'chain'
        and snapshot.customer_id = consumer.customer_id
    left join day_branch
        on snapshot.customer_id = day_branch.customer_id and snapshot.last_consumed_on = day_branch.consumed_on
    left join lead_branch on snapshot.customer_id = lead_branch.customer_id
    left join lifetime on snapshot.customer_id = lifetime.customer_id
    where snapshot.scope = 'chain'
),

-- Every reason that holds: each segment and stage that the articles give a strategy has one. The dead beyond recall have
-- none.
reason as (
    select facts.customer_id, listed.priority, listed.action
    from facts
    cross join lateral (
        select unnest([
            {'priority': 1, 'action': 'win_back_important',
             'holds': stage in ('silent', 'dormant') and segment in ('LHH', 'LLH')},
            {'priority': 2, 'action': 'keep_rhythm',
             'holds': stage in ('effective', 'active', 'loyal') and risk_band = 'high'},
            {'priority': 3, 'action': 'use_sessions', 'holds': package_sessions_left > 0 and recency_days >= 60},
            {'priority': 4, 'action': 'second_visit', 'holds': lifetime_days = 1 and recency_days between 30 and 90},
            {'priority': 5, 'action': 'recall_dormant', 'holds': stage = 'dormant'},
            {'priority': 6, 'action': 'prevent_churn', 'holds': churn_risk is not null and risk_band = 'high'},
            {'priority': 7, 'action': 'welcome_new', 'holds': stage = 'new'},
            {'priority': 8, 'action': 'recall_dead', 'holds': stage = 'dead'},
            {'priority': 9, 'action': 'restore_rhythm', 'holds': segment in ('LHH', 'LLH')},
            {'priority': 10, 'action': 'raise_frequency', 'holds': segment = 'HLH'},
            {'priority': 11, 'action': 'care_vip', 'holds': segment = 'HHH' or vip_tier is not null},
            {'priority': 12, 'action': 'raise_spend', 'holds': segment = 'HHL' or low_value_high_activity},
            {'priority': 13, 'action': 'cultivate', 'holds': segment = 'HLL'},
            {'priority': 14, 'action': 'remind', 'holds': segment in ('LHL', 'LLL')},
            {'priority': 15, 'action': 'follow_up_lead', 'holds': stage = 'potential' and as_of - known_on <= 90},
        ], recursive := true)
    ) as listed
    where listed.holds and not facts.is_beyond_recall
),

first_reason as (
    select * from reason
    qualify row_number() over (partition by customer_id order by priority) = 1
)

select
    facts.branch_id,
    facts.customer_id,
    first_reason.priority,
    row_number() over (
        partition by facts.branch_id
        order by
            (held_out.customer_id is not null) asc,
            first_reason.priority asc,
            facts.lifetime_monetary desc,
            facts.customer_id asc
    ) as branch_rank,
    first_reason.action,
    facts.stage,
    facts.segment,
    facts.vip_tier,
    facts.recency_days,
    facts.lifetime_monetary,
    coalesce(facts.silence_risk, facts.churn_risk) as risk,
    facts.risk_band,
    facts.package_sessions_left,
    held_out.customer_id is not null as is_held_out,
from first_reason
inner join facts using (customer_id)
left join held_out on facts.customer_id = held_out.customer_id
where facts.branch_id is not null;
