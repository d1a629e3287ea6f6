-- What was spent on a channel at a branch, in each period (span `period`), and up to the slots' days (run_slot) in
-- theirs. What names no branch is shared out to the branches of the channel's leads of that time, by their numbers: to
-- the cent, for each part is what is due to all up to it, less what is due to all before it. Without leads it stays
-- with no branch (-1).
-- Grain: span, cohort_no, channel, branch_key.
with
spans as (
    select slot as span, starts_on, ends_on from run_slot
    union all
    select 'period' as span, cast('0001-01-01' as date) as starts_on, $as_of as ends_on
),

spend as (
    select
        spans.span,
        period_no($period_kind, stg_spend.spent_on) as cohort_no,
        coalesce(stg_spend.channel, '') as channel,
        coalesce(stg_spend.branch_key, cast(-1 as int)) as branch_key,
        min(stg_spend.spent_on) as first_day,
        sum(stg_spend.amount) as amount
    from spans
    cross join stg_spend
    where stg_spend.spent_on between spans.starts_on and spans.ends_on
    group by
        spans.span,
        period_no($period_kind, stg_spend.spent_on),
        coalesce(stg_spend.channel, ''),
        coalesce(stg_spend.branch_key, cast(-1 as int))
),

-- Of no branch, in hundredths.
unplaced as (
    select span, cohort_no, channel, first_day, cast(amount * 100 as bigint) as hundredths
    from spend
    where branch_key = -1
),

counts as (
    select
        spans.span,
        int_newcomer.cohort_no,
        int_newcomer.channel,
        int_newcomer.branch_key,
        count(*) as leads
    from spans
    cross join int_newcomer
    where int_newcomer.known_on between spans.starts_on and spans.ends_on
    group by spans.span, int_newcomer.cohort_no, int_newcomer.channel, int_newcomer.branch_key
),

leads as (
    select
        span,
        cohort_no,
        channel,
        branch_key,
        leads,
        sum(leads) over (partition by span, cohort_no, channel) as all_leads,
        sum(leads) over (
            partition by span, cohort_no, channel order by nullif(branch_key, cast(-1 as int)) nulls last
            rows between unbounded preceding and current row
        ) as leads_up_to
    from counts
),

shared as (
    select
        unplaced.span,
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
    left join leads
        on
            unplaced.span = leads.span
            and unplaced.cohort_no = leads.cohort_no
            and unplaced.channel = leads.channel
),

parts as (
    select
        span,
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
        span,
        cohort_no,
        channel,
        branch_key,
        first_day,
        cast(cast(hundredths as decimal(20, 0)) / 100 as decimal(18, 2)) as spend,
        cast(cast(hundredths as decimal(20, 0)) / 100 as decimal(18, 2)) as shared_spend
    from shared
)

select
    span,
    cohort_no,
    channel,
    branch_key,
    min(first_day) as first_day,
    cast(sum(spend) as decimal(18, 2)) as spend,
    cast(sum(shared_spend) as decimal(18, 2)) as shared_spend
from parts
group by span, cohort_no, channel, branch_key
