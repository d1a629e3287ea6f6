-- The scores of each customer who has consumed by as_of, high or low by the mean of the scope group or by the score
-- that policy sets, and the value segment that this makes; and since when, by the rulers of as_of, it has been it.
-- Each metric has been high, or low, since some day; the segment since the latest of these, or the first consumption.
-- Where frequency counts orders or lines, and at other moments than the closing, nobody is told since when.
-- Grain: scope_key, customer_key.
with
customers as (
    select
        scope_key, customer_key, policy_no, department_key, first_consumed_on, last_consumed_on,
        consumed_days, paid_days, paid_cents, recency_days, frequency, monetary, is_ranked,
        case when $has_history and $frequency_unit = 'days' then $as_of end as asked_on
    from int_customer_stage
    where last_consumed_on is not null
),

scored as (
    select
        customers.*,
        1 + case when customers.is_ranked or not scale.is_recency_of_ranked
                then
                    case when -customers.recency_days >= scale.recency_cut_2 then 1 else 0 end
                    + case when -customers.recency_days >= scale.recency_cut_3 then 1 else 0 end
                    + case when -customers.recency_days >= scale.recency_cut_4 then 1 else 0 end
                    + case when -customers.recency_days >= scale.recency_cut_5 then 1 else 0 end
            else 0
        end as recency_score,
        1 + case when customers.is_ranked or not scale.is_frequency_of_ranked
                then
                    case when customers.frequency >= scale.frequency_cut_2 then 1 else 0 end
                    + case when customers.frequency >= scale.frequency_cut_3 then 1 else 0 end
                    + case when customers.frequency >= scale.frequency_cut_4 then 1 else 0 end
                    + case when customers.frequency >= scale.frequency_cut_5 then 1 else 0 end
            else 0
        end as frequency_score,
        1 + case when customers.is_ranked or not scale.is_monetary_of_ranked
                then
                    case when customers.monetary >= scale.monetary_cut_2 then 1 else 0 end
                    + case when customers.monetary >= scale.monetary_cut_3 then 1 else 0 end
                    + case when customers.monetary >= scale.monetary_cut_4 then 1 else 0 end
                    + case when customers.monetary >= scale.monetary_cut_5 then 1 else 0 end
            else 0
        end as monetary_score,
        scale.window_days,
        scale.recency_limit,
        scale.frequency_limit,
        scale.monetary_limit,
        scale.is_monetary_of_ranked,
        scale.recency_from,
        scale.frequency_from,
        scale.monetary_from,
        scale.ranked_customers,
        scale.recency_score_sum,
        scale.frequency_score_sum,
        scale.monetary_score_sum
    from customers
    inner join int_score_scale as scale
        on customers.scope_key = scale.scope_key and customers.policy_no = scale.policy_no
),

flagged as (
    select
        scored.*,
        coalesce(
            scored.recency_score >= scored.recency_from,
            scored.recency_score * scored.ranked_customers >= scored.recency_score_sum,
            false
        ) as is_recency_high,
        coalesce(
            scored.frequency_score >= scored.frequency_from,
            scored.frequency_score * scored.ranked_customers >= scored.frequency_score_sum,
            false
        ) as is_frequency_high,
        coalesce(
            scored.monetary_score >= scored.monetary_from,
            scored.monetary_score * scored.ranked_customers >= scored.monetary_score_sum,
            false
        ) as is_monetary_high
    from scored
),

since as (
    select
        *,
        rhythm_since(consumed_days, asked_on, recency_limit, recency_limit, 1) as recency_since,
        rhythm_since(consumed_days, asked_on, window_days, window_days, frequency_limit) as frequency_since,
        money_since(
            paid_days, paid_cents, consumed_days, is_monetary_of_ranked, asked_on, window_days, monetary_limit
        ) as monetary_since
    from flagged
)

select
    scope_key,
    customer_key,
    department_key,
    first_consumed_on,
    last_consumed_on,
    recency_days,
    frequency,
    monetary,
    recency_score,
    frequency_score,
    monetary_score,
    is_recency_high,
    is_frequency_high,
    is_monetary_high,
    concat(
        case when is_recency_high then 'H' else 'L' end,
        case when is_frequency_high then 'H' else 'L' end,
        case when is_monetary_high then 'H' else 'L' end
    ) as segment,
    case when asked_on is not null then greatest(first_consumed_on, recency_since, frequency_since, monetary_since) end
        as segment_since
from since
