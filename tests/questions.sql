-- What headquarters asks, in DuckDB, over the published tables alone. `rfmart demo` makes the tables; then
--
--   cd rfmart-demo/warehouse
--   duckdb -cmd "$(for table in dim_* fct_*; do echo "create view $table as from '$table/*/*.parquet';"; done)"
--
-- and paste a query. as_of is the day whose end is described; 2026-10-31 is the demo's last closed month.
-- tests/readers/test_questions.py checks every answer against the demo's raw files.

-- The seven questions of each branch and month
-- Leads in stock? Customers? New? Active? Active who became VIP? Active or VIP who fell dormant? Lost?
select
    scope_id as branch_id, period, leads, customers, new_customers, active_customers, active_to_vip_customers,
    active_or_vip_to_dormant_customers, lost_customers
from fct_period_summary
where scope = 'branch' and is_period_end
order by branch_id, period;

-- First-timers who did not come back
-- Of those who first came in a month, how many had not come again three months later? Months that still run are left out.
select
    cohort_period,
    sum(first_timers) as first_timers,
    sum(not_returned_90_days) as not_returned,
    round(100 * sum(not_returned_90_days) / sum(first_timers), 1) as percent
from fct_first_to_second
where as_of = '2026-10-31'
group by cohort_period
having sum(still_open) = 0
order by cohort_period;

-- Where first-timers are lost
-- In which branch and department did this year's first-timers, until July, not come back within three months?
select
    branch_id, department,
    sum(first_timers) as first_timers,
    sum(not_returned_90_days) as not_returned,
    round(100 * sum(not_returned_90_days) / sum(first_timers), 1) as percent
from fct_first_to_second
where as_of = '2026-10-31' and cohort_period between '2026-01' and '2026-07'
group by branch_id, department
having sum(first_timers) >= 20
order by percent desc, branch_id, department;

-- How soon they come again
-- How many days lie between the first and the second visit: which share came again within 30, 60 and 90 days, or later?
select
    cohort_period,
    sum(first_timers) as first_timers,
    round(100 * sum(returned_30_days) / sum(first_timers), 1) as within_30_days_percent,
    round(100 * sum(returned_60_days) / sum(first_timers), 1) as within_60_days_percent,
    round(100 * sum(returned_90_days) / sum(first_timers), 1) as within_90_days_percent,
    round(100 * sum(returned_later) / sum(first_timers), 1) as later_percent
from fct_first_to_second
where as_of = '2026-10-31' and cohort_period between '2026-01' and '2026-07'
group by cohort_period
order by cohort_period;

-- About to fall silent
-- Which good customers are about to fall silent, and why? They have been away for more than their usual gap.
select
    customer_id, stage, monetary, recency_days, usual_gap_days, round(recency_days / usual_gap_days, 1) as gaps_away,
    round(silence_risk, 2) as risk
from fct_lifecycle_snapshot
where as_of = '2026-10-31' and scope = 'chain' and risk_band = 'high' and stage in ('effective', 'active', 'loyal')
order by monetary desc, customer_id;

-- About to be lost
-- Who won't come back by themselves, and why? Of those of a department who had been away as long, so few returned.
select
    customer_id, department, stage, monetary, recency_days, usual_gap_days, first_consumed_on = last_consumed_on as came_once,
    round(churn_risk, 2) as risk
from fct_lifecycle_snapshot
where as_of = '2026-10-31' and scope = 'chain' and risk_band = 'high' and stage in ('silent', 'dormant')
order by monetary desc, customer_id;

-- What raises value
-- Which actions make customers spend more, by how much a month, beyond what customers like them did anyway?
select action, customers, median_jump, like_median_jump, median_lift, mean_lift, mean_lift_low, mean_lift_high
from fct_hva_effect
where as_of = '2026-10-31' and scope = 'chain'
order by median_lift desc, action;

-- Items that fell
-- Which items of which branch fell by 30 % or more, and was it traffic, conversion or price?
select
    branch_id, fct_item_performance.item_id, dim_item.name, previous_revenue, revenue,
    round(100 * change_rate) as percent, traffic_effect, conversion_effect, price_effect
from fct_item_performance
left join dim_item using (as_of, item_id)
where as_of = '2026-10-31' and is_declining and previous_buyers >= 10
order by revenue - previous_revenue, branch_id, fct_item_performance.item_id;

-- Who left the items that fell
-- Of last month's buyers of these items, who did not buy again, by the value segment they were in?
select
    branch_id, item_id, segment, fct_item_segment.left_buyers, fct_item_performance.left_buyers as left_in_all,
    previous_buyers
from fct_item_segment
inner join fct_item_performance using (as_of, branch_id, item_id)
where as_of = '2026-10-31' and is_declining and previous_buyers >= 10 and fct_item_segment.left_buyers > 0
order by branch_id, item_id, fct_item_segment.left_buyers desc, segment;

-- Whom to ask about an item that fell
-- Who bought it last month for 20,000 or more and not since, who still comes for something else, and in which segment are they?
select
    branch_id, item_id, customer_id, previous_segment, segment, recency_days, last_bought_on, previous_paid
from fct_item_action_list
where as_of = '2026-10-31' and not is_held_out and previous_paid >= 20000
order by branch_id, item_id, item_rank;

-- The branches, ranked
-- Which branch brings most, and how does it stand against last month and last year?
select
    branch_rank, branch_id, dim_branch.name, value as revenue, round(100 * share_of_chain, 1) as percent_of_chain,
    round(100 * change_from_previous, 1) as percent_to_month_before,
    round(100 * change_from_year_before, 1) as percent_to_year_before
from fct_branch_comparison
left join dim_branch using (as_of, branch_id)
where as_of = '2026-10-31' and metric = 'revenue'
order by branch_rank, branch_id;

-- Which branch is better, and by what
-- Which branch brings more than the mean one, and is it more people, more days of each or more money a day?
select
    branch_id,
    max(value) filter (metric = 'revenue') as revenue,
    round(max(100 * value / chain_mean - 100) filter (metric = 'revenue'), 1) as percent,
    round(max(100 * value / chain_mean - 100) filter (metric = 'consuming_customers'), 1) as people_percent,
    round(max(100 * value / chain_mean - 100) filter (metric = 'consumption_days_per_customer'), 1) as frequency_percent,
    round(max(100 * value / chain_mean - 100) filter (metric = 'revenue_per_consumption_day'), 1) as price_percent
from fct_branch_comparison
where as_of = '2026-10-31'
group by branch_id
order by revenue desc;

-- Why branches grew or shrank
-- Does a branch bring more or less than last month because of people, of their frequency or of price?
select
    branch_id, revenue_change_from_previous, people_effect_from_previous, frequency_effect_from_previous,
    price_effect_from_previous,
    case greatest(abs(people_effect_from_previous), abs(frequency_effect_from_previous), abs(price_effect_from_previous))
        when abs(people_effect_from_previous) then 'people'
        when abs(frequency_effect_from_previous) then 'frequency'
        else 'price'
    end as mostly
from fct_branch_driver
where as_of = '2026-10-31'
order by revenue_change_from_previous desc, branch_id;

-- What each branch does better or worse
-- What does a branch do at least 10 % better or worse than the middle branch, and by how much?
select
    branch_id,
    if(value > chain_median, 'better', 'worse') as than_chain,
    metric, value, chain_median, branch_rank,
    round(100 * (value / chain_median - 1), 1) as percent
from fct_branch_comparison
where
    as_of = '2026-10-31'
    and metric in ('average_transaction_value', 'retention_rate', 'repurchase_rate')
    and abs(value / chain_median - 1) >= 0.1
order by branch_id, percent desc;

-- How branches win and keep customers
-- What does a new customer cost each branch, how many leads come, how many bring friends, and who has been lost?
select
    branch_id,
    round(max(value) filter (metric = 'spend_per_new_customer')) as spend_per_new_customer,
    round(100 * max(value) filter (metric = 'lead_conversion_rate_90_days'), 1) as leads_converted_percent,
    round(100 * max(value) filter (metric = 'referral_share'), 1) as referred_percent,
    round(100 * max(value) filter (metric = 'dormant_share'), 1) as dormant_percent,
    round(100 * max(value) filter (metric = 'lost_share'), 1) as lost_percent,
    max(value) filter (metric = 'sessions_owed') as sessions_owed
from fct_branch_comparison
where as_of = '2026-10-31'
group by branch_id
order by spend_per_new_customer, branch_id;

-- VIPs and active customers, month by month
-- How many VIPs does each branch have at each month's end, and which share of its customers is active?
select
    scope_id as branch_id, period, vip_customers, customers, round(100 * active_rate, 1) as active_percent
from fct_period_summary
where scope = 'branch' and is_period_end
order by branch_id, period;

-- Who sells
-- Who sells most, to how many and how many of them new, at what average, and how does that stand against last month?
select
    branch_id, staff_id, revenue, paying_customers, new_customers,
    round(average_transaction_value) as average_transaction_value,
    round(100 * change_from_previous, 1) as percent_to_month_before
from fct_staff_performance
where as_of = '2026-10-31' and staff_id is not null
order by revenue desc, branch_id, staff_id
limit 20;

-- This month's list for the phone
-- Whom does a branch call first, why, and what to say?
select
    branch_rank, customer_id, action, strategy_en, stage, segment, vip_tier, recency_days, lifetime_monetary,
    package_sessions_left
from fct_action_list
left join dim_action using (as_of, action, priority)
where as_of = '2026-10-31' and branch_id = 'TPE01' and branch_rank <= 150 and not is_held_out
order by branch_rank;

-- How many stay
-- Of those who first came in a month, what percentage consumed one, two, three and six months later?
select
    cohort_period,
    max(customers) as customers,
    round(max(100 * retained_customers / customers) filter (age = 1), 1) as after_1,
    round(max(100 * retained_customers / customers) filter (age = 2), 1) as after_2,
    round(max(100 * retained_customers / customers) filter (age = 3), 1) as after_3,
    round(max(100 * retained_customers / customers) filter (age = 6), 1) as after_6
from fct_cohort_retention
where as_of = '2026-10-31' and scope = 'chain'
group by cohort_period
order by cohort_period;

-- Who brings the money
-- What share of the customers, and of the year's money, does each value segment have?
select
    segment, dim_segment.name_en, count(*) as customers,
    round(100 * count(*) / sum(count(*)) over (), 1) as percent_of_customers,
    round(100 * sum(monetary) / sum(sum(monetary)) over (), 1) as percent_of_money
from fct_customer_rfm
inner join dim_segment using (as_of, segment)
where as_of = '2026-10-31' and scope = 'chain'
group by segment, name_en, sort_order
order by sort_order;

-- Who moved where
-- From which life stage to which did customers move in the month? 'unknown' are those who appeared in it.
select
    coalesce(from_stage, 'unknown') as from_stage, to_stage, customers, monetary
from fct_lifecycle_transition
where as_of = '2026-10-31' and scope = 'chain' and from_stage is distinct from to_stage
order by customers desc, from_stage, to_stage;

-- Where the best customers went
-- Who has left the important-value customers (HHH) since last month, for which segment, and where did new ones come from?
select coalesce(from_segment, 'first visit') as from_segment, coalesce(to_segment, 'refunded') as to_segment, customers, monetary
from fct_segment_transition
where
    as_of = '2026-10-31' and scope = 'chain'
    and 'HHH' in (from_segment, to_segment) and from_segment is distinct from to_segment
order by customers desc, from_segment, to_segment;

-- VIPs won and lost
-- How many customers entered and left the VIP tiers each month, and with how much money a year?
select
    period,
    count(*) filter (vip_change = 'entered') as won,
    count(*) filter (vip_change = 'left') as lost,
    count(*) filter (vip_change = 'raised') as raised,
    count(*) filter (vip_change = 'lowered') as lowered,
    count(vip_tier) as vips,
    sum(monetary) filter (vip_tier is not null) as vip_money
from fct_lifecycle_snapshot
where scope = 'chain' and is_period_end
group by period
order by period;

-- Where the good customers come from
-- Which channel brings leads who become customers, and what has such a customer brought so far?
select
    channel,
    count(*) as leads,
    count(fct_customer_ltv.customer_id) as customers,
    round(avg(revenue)) as mean_revenue,
    round(avg(profit)) as mean_profit
from dim_customer
left join fct_customer_ltv
    on dim_customer.as_of = fct_customer_ltv.as_of
    and dim_customer.customer_id = fct_customer_ltv.customer_id
    and fct_customer_ltv.scope = 'chain'
where dim_customer.as_of = '2026-10-31' and lead_created_on is not null
group by channel
order by mean_revenue desc, channel;

-- What a customer of each channel is worth over time
-- What had a customer brought, on average, by the end of the first month, and three, six and nine months later?
select
    coalesce(split_value, 'no lead') as channel,
    round(sum(cumulative_revenue) filter (age = 0) / sum(customers) filter (age = 0)) as after_0,
    round(sum(cumulative_revenue) filter (age = 3) / sum(customers) filter (age = 3)) as after_3,
    round(sum(cumulative_revenue) filter (age = 6) / sum(customers) filter (age = 6)) as after_6,
    round(sum(cumulative_revenue) filter (age = 9) / sum(customers) filter (age = 9)) as after_9
from fct_value_curve
where as_of = '2026-10-31' and split_by = 'channel'
group by split_value
order by after_9 desc, channel;

-- Sessions owed
-- How many paid sessions does each branch still owe, to how many customers, and how many of these have gone silent?
select
    scope_id as branch_id,
    count(*) as customers,
    sum(package_sessions_left) as sessions,
    count(*) filter (recency_days >= 60) as away_60_days
from fct_lifecycle_snapshot
where as_of = '2026-10-31' and scope = 'branch' and package_sessions_left > 0
group by scope_id
order by sessions desc, branch_id;

-- What a new customer costs
-- What did a new customer cost by channel, of those who became known from January to July, and have they paid it back?
select
    coalesce(channel, 'no lead') as channel,
    sum(leads) as leads,
    sum(first_orders) as new_customers,
    sum(first_orders_open) as still_open,
    sum(spend) as spent,
    round(sum(spend) / sum(first_orders)) as cost_per_new_customer,
    round(sum(profit) / sum(first_orders)) as profit_per_new_customer
from fct_acquisition_funnel
where as_of = '2026-10-31' and cohort_period between '2026-01' and '2026-07'
group by 1
order by cost_per_new_customer desc, channel;

-- Who comes, and who buys
-- Of this year's newcomers, which share of those with a booking came (到院率), and of the advised bought (成交率)?
select
    branch_id,
    sum(booked) as booked,
    round(100 * sum(arrived) / sum(booked), 1) as came_percent,
    sum(consulted) as consulted,
    round(100 * sum(consulted_buyers) / sum(consulted), 1) as bought_percent,
    round(100 * sum(consulted_buyers_open) / sum(consulted), 1) as may_buy_yet_percent
from fct_acquisition_funnel
where as_of = '2026-10-31' and cohort_period >= '2026-01' and branch_id is not null
group by branch_id
order by bought_percent desc, branch_id;

-- Did the calls work
-- Of those on the list 90 days ago, how many more came back because they were to be called, and how sure is that?
select
    action, basis, verdict, customers, contacted,
    round(100 * return_rate_90_days, 1) as came_back_percent,
    round(100 * uplift_90_days, 1) as more_points,
    round(100 * uplift_90_days_low, 1) as at_least,
    round(100 * uplift_90_days_high, 1) as at_most,
    round(revenue_uplift) as more_money_each
from fct_action_outcome
where as_of = '2026-10-31' and verdict is not null
order by more_points desc nulls last, action;

-- Whether friends' friends are better
-- Do newcomers whom a customer brought come again more often, and spend more, than others of the same half-year?
select
    dim_customer.first_consumed_on < '2026-04-01' as is_first_quarter,
    referrer_id is not null as was_referred,
    count(*) as newcomers,
    round(100 * avg((consumption_days > 1)::int), 1) as came_again_percent,
    round(avg(revenue)) as mean_revenue
from dim_customer
inner join fct_customer_ltv as ltv using (as_of, customer_id)
where as_of = '2026-10-31' and scope = 'chain' and dim_customer.first_consumed_on between '2026-01-01' and '2026-06-30'
group by 1, 2
order by 1, 2;
