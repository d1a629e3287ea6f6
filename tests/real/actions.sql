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
        referred.friend_id as brought_customer_id,
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

-- Whom a referral brought; nobody is brought by the others.
from (
    from second_purchase
    union all from bought
    union all from offered
    union all from first_purchase
    union all from new_department
)
select *, '' as brought_customer_id
union all by name from referral;

create or replace table want_fct_high_value_action as
with ledger as (
    select customer_id, action, acted_on, brought_customer_id, sum(amount)::decimal(18, 2) as amount
    from action_line
    cross join run
    where acted_on > run.as_of - run.window_days
    group by customer_id, action, acted_on, brought_customer_id
),

branch as (
    select customer_id, action, acted_on, brought_customer_id, branch_id
    from action_line
    group by customer_id, action, acted_on, brought_customer_id, branch_id
    having bool_or(is_taken)
    qualify row_number() over (
        partition by customer_id, action, acted_on, brought_customer_id order by sum(amount) desc, branch_id asc
    ) = 1
),

-- At that branch.
department as (
    select customer_id, action, acted_on, brought_customer_id, department
    from action_line
    inner join branch using (customer_id, action, acted_on, brought_customer_id, branch_id)
    group by customer_id, action, acted_on, brought_customer_id, department
    having bool_or(is_taken)
    qualify row_number() over (
        partition by customer_id, action, acted_on, brought_customer_id order by sum(amount) desc, department asc nulls last
    ) = 1
),

spending as (
    select
        ledger.customer_id,
        ledger.action,
        ledger.acted_on,
        ledger.brought_customer_id,
        sum(money_line.amount) filter (
            where money_line.paid_on between ledger.acted_on - 60 and ledger.acted_on - 1
        ) as before_amount,
        sum(money_line.amount) filter (
            where money_line.paid_on between ledger.acted_on + 1 and ledger.acted_on + 60
        ) as after_amount,
    from ledger
    left join money_line using (customer_id)
    group by all
),

-- Of acts that are lines, and only where the list's price of each is told.
below_list as (
    select
        ledger.customer_id,
        ledger.action,
        ledger.acted_on,
        if(count(*) = count(sale.list_amount), sum(sale.list_amount) - sum(sale.amount), null)::decimal(18, 2) as discount,
    from ledger
    inner join sale on ledger.customer_id = sale.customer_id and ledger.acted_on = sale.paid_on
    where
        case ledger.action
            when 'campaign' then sale.campaign_id is not null
            when 'first_purchase' then sale.kind in ('package', 'top_up')
            else ledger.action = sale.kind
        end
    group by ledger.customer_id, ledger.action, ledger.acted_on
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
    nullif(ledger.brought_customer_id, '') as brought_customer_id,
    ledger.amount,
    below_list.discount,
    coalesce(spending.before_amount, 0)::double / 2 as value_before,
    if(ledger.acted_on + 60 <= run.as_of, coalesce(spending.after_amount, 0)::double / 2, null) as value_after,
    value_after - value_before as value_jump,
    value_after + ledger.amount::double / 2 as value_with_act,
    value_with_act - value_before as jump_with_act,
from ledger
cross join run
inner join branch using (customer_id, action, acted_on, brought_customer_id)
inner join department using (customer_id, action, acted_on, brought_customer_id)
inner join spending using (customer_id, action, acted_on, brought_customer_id)
left join below_list using (customer_id, action, acted_on);

-- Beside customers of the chain who were in the same stage then, on the same side of its median of recency and of money.
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

then_window as (
    select own_window.customer_id, own_window.window_days
    from own_window
    inner join run on own_window.known_on = run.as_of - 90
    where own_window.scope = 'chain'
),

then_money as (
    select money_line.customer_id, sum(money_line.amount) as monetary
    from money_line
    cross join run
    inner join then_window using (customer_id)
    where
        money_line.paid_on <= run.as_of - 90
        and money_line.paid_on > run.as_of - 90 - then_window.window_days
    group by money_line.customer_id
),

-- Whoever had consumed by then.
then_customer as (
    select
        stage.customer_id,
        stage.stage,
        coalesce(spending.change, 0)::double / 2 as jump,
        standing.recency_days
        <= median(standing.recency_days) over (partition by stage.stage) as is_recent,
        coalesce(then_money.monetary, 0)::double
        >= median(coalesce(then_money.monetary, 0)::double) over (partition by stage.stage) as is_valuable,
    from stage
    inner join run on stage.known_on = run.as_of - 90
    inner join standing using (known_on, scope, scope_id, customer_id)
    left join spending using (customer_id)
    left join then_money using (customer_id)
    where stage.scope = 'chain' and stage.stage <> 'potential'
),

act as (
    select customer_id, action, branch_id, amount
    from want_fct_high_value_action
    inner join run on acted_on between run.as_of - 89 and run.as_of - 60
),

acted as (
    select 'chain' as scope, '*' as scope_id, customer_id, action, sum(amount)::double as amount
    from act
    group by all
    union all
    select 'branch' as scope, branch_id as scope_id, customer_id, action, sum(amount)::double as amount
    from act
    group by all
),

actor as (
    select
        acted.scope,
        acted.scope_id,
        acted.action,
        acted.amount,
        then_customer.jump + acted.amount / 2 as jump_with_act,
        then_customer.*,
    from acted
    inner join then_customer using (customer_id)
),

like_group as (
    select
        acting.action,
        stage,
        is_recent,
        is_valuable,
        count(*) as customers,
        median(then_customer.jump) as median_jump,
        avg(then_customer.jump) as mean_jump,
        var_samp(then_customer.jump) as jump_variance,
    from (select distinct action from actor) as acting
    cross join then_customer
    anti join act using (customer_id, action)
    group by all
    having count(*) > 1
),

compared as (
    select
        actor.*,
        like_group.customers as like_customers,
        like_group.median_jump,
        like_group.mean_jump,
        like_group.jump_variance,
        actor.jump - like_group.mean_jump as lift,
    from actor
    left join like_group using (action, stage, is_recent, is_valuable)
),

-- The variance of a weighted sum of means.
like_error as (
    select scope, scope_id, action, sum(like_customers) as like_customers, sum(acting * acting * jump_variance / like_customers) as squared
    from (
        select scope, scope_id, action, like_customers, jump_variance, count(*) as acting
        from compared
        where like_customers is not null
        group by scope, scope_id, action, stage, is_recent, is_valuable, like_customers, jump_variance
    )
    group by all
),

effect as (
    select
        scope,
        scope_id,
        action,
        count(*) as customers,
        count(lift) as compared_customers,
        median(jump) as median_jump,
        median(median_jump) as like_median_jump,
        median(jump - median_jump) as median_lift,
        avg(jump) as mean_jump,
        avg(mean_jump) as like_mean_jump,
        avg(lift) as mean_lift,
        var_samp(lift) as lift_variance,
        median(amount) as median_amount,
        avg(amount) as mean_amount,
        median(jump_with_act) as median_jump_with_act,
        avg(jump_with_act) as mean_jump_with_act,
    from compared
    group by all
)

select
    effect.* exclude (lift_variance),
    coalesce(like_error.like_customers, 0) as like_customers,
    if(
        compared_customers >= 30,
        mean_lift - 1.959963984540054 * sqrt(lift_variance / compared_customers + squared / compared_customers ** 2),
        null
    ) as mean_lift_low,
    2 * mean_lift - mean_lift_low as mean_lift_high,
from effect
left join like_error using (scope, scope_id, action);

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
