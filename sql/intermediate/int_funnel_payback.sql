-- What the customers of each period, channel and branch have brought by as_of, and the first period by whose end their
-- profit made up for what was spent on them. Profit is unknown where a line's is.
-- Grain: cohort_no, channel, branch_key.
with
running as (
    select
        cohort_no,
        channel,
        branch_key,
        period_no,
        sum(revenue) over so_far as revenue,
        sum(profit) over so_far as profit,
        sum(lines_without_profit) over so_far as lines_without_profit
    from int_funnel_value
    window so_far as (
        partition by cohort_no, channel, branch_key order by period_no
        rows between unbounded preceding and current row
    )
),

known as (
    select
        running.cohort_no,
        running.channel,
        running.branch_key,
        running.period_no,
        running.revenue,
        case when running.lines_without_profit = 0 then running.profit end as profit,
        int_funnel_spend.spend
    from running
    left join int_funnel_spend
        on
            running.cohort_no = int_funnel_spend.cohort_no
            and running.channel = int_funnel_spend.channel
            and running.branch_key = int_funnel_spend.branch_key
)

select
    cohort_no,
    channel,
    branch_key,
    last_value(revenue order by period_no) as revenue,
    last_value(profit order by period_no) as profit,
    min(case when spend > 0 and profit >= spend then period_no end) - cohort_no as periods_to_payback
from known
group by cohort_no, channel, branch_key
