-- How far the chain's customers have come, by the period in which they became known, channel and branch.
-- Grain: cohort_no, channel, branch_key.
with
steps as (
    select
        cohort_no,
        channel,
        branch_key,
        known_on,
        is_lead,
        has_booked,
        came_on is not null as has_come,
        consulted_on is not null as is_consulted,
        has_bought_since,
        first_bought_on is not null as has_bought,
        second_bought_on is not null as has_bought_again,
        $as_of - known_on < 90 and first_bought_on is null as may_buy_yet,
        coalesce($as_of - consulted_on < 90 and not has_bought_since, false) as may_close_yet,
        coalesce($as_of - first_bought_on < 90 and second_bought_on is null, false) as may_buy_again_yet,
        came_on - known_on as days_to_arrival,
        first_bought_on - known_on as days_to_first_order,
        second_bought_on - first_bought_on as days_to_second_order
    from int_newcomer
)

select
    cohort_no,
    channel,
    branch_key,
    min(known_on) as first_day,
    count(*) as leads,
    sum(case when is_lead then 0 else 1 end) as came_without_lead,
    sum(case when has_booked then 1 else 0 end) as booked,
    sum(case when has_come then 1 else 0 end) as arrived,
    sum(case when is_consulted then 1 else 0 end) as consulted,
    sum(case when has_bought_since then 1 else 0 end) as consulted_buyers,
    sum(case when has_bought then 1 else 0 end) as first_orders,
    sum(case when has_bought_again then 1 else 0 end) as second_orders,
    sum(case when may_buy_yet then 1 else 0 end) as first_orders_open,
    sum(case when may_close_yet then 1 else 0 end) as consulted_buyers_open,
    sum(case when may_buy_again_yet then 1 else 0 end) as second_orders_open,
    median(cast(days_to_arrival as double)) as median_days_to_arrival,
    median(cast(days_to_first_order as double)) as median_days_to_first_order,
    median(cast(days_to_second_order as double)) as median_days_to_second_order
from steps
group by cohort_no, channel, branch_key
