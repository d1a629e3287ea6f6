-- What was spent in each period on a channel at a branch. What names no branch is shared out to the branches of the
-- channel's leads of the period, by their numbers: to the cent, for each part is what is due to all up to it, less what
-- is due to all before it. Without leads it stays with no branch (-1).
-- Grain: cohort_no, channel, branch_key.
with
spend as (
    select
        period_no($period_kind, spent_on) as cohort_no,
        coalesce(channel, '') as channel,
        coalesce(branch_key, cast(-1 as int)) as branch_key,
        min(spent_on) as first_day,
        sum(amount) as amount
    from stg_spend
    group by period_no($period_kind, spent_on), coalesce(channel, ''), coalesce(branch_key, cast(-1 as int))
),

leads as (
    select
        cohort_no,
        channel,
        branch_key,
        leads,
        sum(leads) over (partition by cohort_no, channel) as all_leads,
        sum(leads) over (
            partition by cohort_no, channel order by nullif(branch_key, cast(-1 as int)) nulls last
            rows between unbounded preceding and current row
        ) as leads_up_to
    from int_funnel_head
),

-- Of no branch, in hundredths.
unplaced as (
    select cohort_no, channel, first_day, cast(amount * 100 as bigint) as hundredths
    from spend
    where branch_key = -1
),

shared as (
    select
        unplaced.cohort_no,
        unplaced.channel,
        coalesce(leads.branch_key, cast(-1 as int)) as branch_key,
        unplaced.first_day,
        case
            when leads.all_leads is null then unplaced.hundredths
            else
                unplaced.hundredths * leads.leads_up_to / leads.all_leads
                - unplaced.hundredths * (leads.leads_up_to - leads.leads) / leads.all_leads
        end as hundredths
    from unplaced
    left join leads on unplaced.cohort_no = leads.cohort_no and unplaced.channel = leads.channel
),

parts as (
    select
        cohort_no,
        channel,
        branch_key,
        first_day,
        amount as spend,
        cast(0 as decimal(18, 2)) as shared_spend
    from spend
    where branch_key <> -1
    union all
    select
        cohort_no,
        channel,
        branch_key,
        first_day,
        cast(cast(hundredths as decimal(20, 0)) / 100 as decimal(18, 2)) as spend,
        cast(cast(hundredths as decimal(20, 0)) / 100 as decimal(18, 2)) as shared_spend
    from shared
)

select
    cohort_no,
    channel,
    branch_key,
    min(first_day) as first_day,
    cast(sum(spend) as decimal(18, 2)) as spend,
    cast(sum(shared_spend) as decimal(18, 2)) as shared_spend
from parts
group by cohort_no, channel, branch_key
