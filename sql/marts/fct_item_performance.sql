-- Each item at each branch in this period and the one before, with the change in money split into traffic, conversion
-- and price, one after the other: (traffic - earlier) * earlier money per customer day, then (buying days - traffic *
-- earlier conversion) * earlier price, then the rest, so that the parts add up exactly.
-- Grain: as_of, branch_id, item_id.
with
customers as (
    select
        int_item_period.slot,
        int_item_period.branch_key,
        int_item_period.item_key,
        int_item_period.customer_key,
        int_item_period.revenue,
        int_item_period.paid,
        int_item_period.visits,
        int_item_period.buying_days,
        int_customer_score.segment
    from int_item_period
    left join int_customer_score
        on
            int_customer_score.scope_key = $chain_scope_key
            and int_item_period.customer_key = int_customer_score.customer_key
),

slots as (
    select
        slot,
        branch_key,
        item_key,
        sum(revenue) as revenue,
        sum(paid) as paid,
        sum(visits) as visits,
        sum(buying_days) as buying_days,
        sum(case when buying_days > 0 then 1 else 0 end) as buyers,
        sum(case when buying_days > 0 and segment = 'HHH' then 1 else 0 end) as buyers_hhh,
        sum(case when buying_days > 0 and segment = 'HLH' then 1 else 0 end) as buyers_hlh,
        sum(case when buying_days > 0 and segment = 'LHH' then 1 else 0 end) as buyers_lhh,
        sum(case when buying_days > 0 and segment = 'LLH' then 1 else 0 end) as buyers_llh,
        sum(case when buying_days > 0 and segment = 'HHL' then 1 else 0 end) as buyers_hhl,
        sum(case when buying_days > 0 and segment = 'HLL' then 1 else 0 end) as buyers_hll,
        sum(case when buying_days > 0 and segment = 'LHL' then 1 else 0 end) as buyers_lhl,
        sum(case when buying_days > 0 and segment = 'LLL' then 1 else 0 end) as buyers_lll
    from customers
    group by slot, branch_key, item_key
),

current_period as (
    select * from slots
    where slot = 'current'
),

previous_period as (
    select * from slots
    where slot = 'previous'
),

-- Who bought in the period before and not in this one, by the segment in which the period found them.
left_buyers as (
    select branch_key, item_key, customer_key
    from customers
    group by branch_key, item_key, customer_key
    having
        sum(case when slot = 'previous' then buying_days else 0 end) > 0
        and sum(case when slot = 'current' then buying_days else 0 end) = 0
),

left_segments as (
    select
        left_buyers.branch_key,
        left_buyers.item_key,
        count(*) as left_buyers,
        sum(case when opening_scores.segment = 'HHH' then 1 else 0 end) as left_buyers_hhh,
        sum(case when opening_scores.segment = 'HLH' then 1 else 0 end) as left_buyers_hlh,
        sum(case when opening_scores.segment = 'LHH' then 1 else 0 end) as left_buyers_lhh,
        sum(case when opening_scores.segment = 'LLH' then 1 else 0 end) as left_buyers_llh,
        sum(case when opening_scores.segment = 'HHL' then 1 else 0 end) as left_buyers_hhl,
        sum(case when opening_scores.segment = 'HLL' then 1 else 0 end) as left_buyers_hll,
        sum(case when opening_scores.segment = 'LHL' then 1 else 0 end) as left_buyers_lhl,
        sum(case when opening_scores.segment = 'LLL' then 1 else 0 end) as left_buyers_lll
    from left_buyers
    left join opening.int_customer_score as opening_scores
        on
            opening_scores.scope_key = $chain_scope_key
            and left_buyers.customer_key = opening_scores.customer_key
    group by left_buyers.branch_key, left_buyers.item_key
),

traffic as (
    select
        scope_key as branch_key,
        sum(case when slot = 'current' then customer_days else 0 end) as customer_days,
        sum(case when slot = 'previous' then customer_days else 0 end) as previous_customer_days
    from int_period_activity
    group by scope_key
),

keys as (
    select distinct branch_key, item_key from slots
),

compared as (
    select
        keys.branch_key,
        keys.item_key,
        coalesce(current_period.revenue, 0) as revenue,
        coalesce(previous_period.revenue, 0) as previous_revenue,
        coalesce(current_period.paid, 0) as paid,
        coalesce(previous_period.paid, 0) as previous_paid,
        coalesce(current_period.visits, 0) as visits,
        coalesce(previous_period.visits, 0) as previous_visits,
        coalesce(current_period.buyers, 0) as buyers,
        coalesce(previous_period.buyers, 0) as previous_buyers,
        coalesce(current_period.buying_days, 0) as buying_days,
        coalesce(previous_period.buying_days, 0) as previous_buying_days,
        coalesce(traffic.customer_days, 0) as customer_days,
        coalesce(traffic.previous_customer_days, 0) as previous_customer_days,
        coalesce(current_period.buyers_hhh, 0) as buyers_hhh,
        coalesce(current_period.buyers_hlh, 0) as buyers_hlh,
        coalesce(current_period.buyers_lhh, 0) as buyers_lhh,
        coalesce(current_period.buyers_llh, 0) as buyers_llh,
        coalesce(current_period.buyers_hhl, 0) as buyers_hhl,
        coalesce(current_period.buyers_hll, 0) as buyers_hll,
        coalesce(current_period.buyers_lhl, 0) as buyers_lhl,
        coalesce(current_period.buyers_lll, 0) as buyers_lll,
        coalesce(left_segments.left_buyers, 0) as left_buyers,
        coalesce(left_segments.left_buyers_hhh, 0) as left_buyers_hhh,
        coalesce(left_segments.left_buyers_hlh, 0) as left_buyers_hlh,
        coalesce(left_segments.left_buyers_lhh, 0) as left_buyers_lhh,
        coalesce(left_segments.left_buyers_llh, 0) as left_buyers_llh,
        coalesce(left_segments.left_buyers_hhl, 0) as left_buyers_hhl,
        coalesce(left_segments.left_buyers_hll, 0) as left_buyers_hll,
        coalesce(left_segments.left_buyers_lhl, 0) as left_buyers_lhl,
        coalesce(left_segments.left_buyers_lll, 0) as left_buyers_lll
    from keys
    left join current_period
        on keys.branch_key = current_period.branch_key and keys.item_key = current_period.item_key
    left join previous_period
        on keys.branch_key = previous_period.branch_key and keys.item_key = previous_period.item_key
    left join left_segments
        on keys.branch_key = left_segments.branch_key and keys.item_key = left_segments.item_key
    left join traffic on keys.branch_key = traffic.branch_key
),

-- What today's traffic would have brought at the earlier conversion and price.
expected as (
    select
        *,
        case
            when previous_customer_days > 0
                then cast(previous_revenue as double) * customer_days / previous_customer_days
            else cast(previous_revenue as double)
        end as revenue_at_traffic,
        case
            when previous_buying_days > 0
                then cast(previous_revenue as double) * buying_days / previous_buying_days
            else cast(revenue as double)
        end as revenue_at_price
    from compared
),

split as (
    select
        *,
        cast(round(revenue_at_traffic - cast(previous_revenue as double), 2) as decimal(18, 2)) as traffic_effect,
        cast(round(revenue_at_price - revenue_at_traffic, 2) as decimal(18, 2)) as conversion_effect
    from expected
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    branch_id(split.branch_key) as branch_id,
    item_id(split.item_key) as item_id,
    department_id(stg_items.department_key) as department,
    split.revenue,
    split.previous_revenue,
    split.revenue - split.previous_revenue as revenue_change,
    case
        when split.previous_revenue > 0
            then cast(split.revenue - split.previous_revenue as double) / cast(split.previous_revenue as double)
    end as change_rate,
    split.previous_revenue > 0 and split.revenue * 10 <= split.previous_revenue * 7 as is_declining,
    case when $has_visits then split.visits end as visits,
    case when $has_visits then split.previous_visits end as previous_visits,
    split.buyers,
    split.previous_buyers,
    split.buying_days,
    split.previous_buying_days,
    split.customer_days as branch_customer_days,
    split.previous_customer_days as previous_branch_customer_days,
    cast(split.buying_days as double) / nullif(split.customer_days, 0) as conversion,
    cast(split.previous_buying_days as double) / nullif(split.previous_customer_days, 0) as previous_conversion,
    cast(split.paid as double) / nullif(split.buying_days, 0) as average_transaction_value,
    cast(split.previous_paid as double) / nullif(split.previous_buying_days, 0)
        as previous_average_transaction_value,
    split.traffic_effect,
    split.conversion_effect,
    split.revenue - split.previous_revenue - split.traffic_effect - split.conversion_effect as price_effect,
    split.buyers_hhh,
    split.buyers_hlh,
    split.buyers_lhh,
    split.buyers_llh,
    split.buyers_hhl,
    split.buyers_hll,
    split.buyers_lhl,
    split.buyers_lll,
    split.left_buyers,
    split.left_buyers_hhh,
    split.left_buyers_hlh,
    split.left_buyers_lhh,
    split.left_buyers_llh,
    split.left_buyers_hhl,
    split.left_buyers_hll,
    split.left_buyers_lhl,
    split.left_buyers_lll,
    split.paid,
    split.previous_paid
from split
left join stg_items on split.item_key = stg_items.item_key
order by split.branch_key, split.item_key
