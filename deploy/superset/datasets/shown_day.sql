-- The day that the dashboard shows, the latest unless its filter names another, and the days that it is compared with:
-- those of the report.
-- Grain: one row.
with
snapshot as (
    select
        as_of,
        period,
        is_period_end,
        case
            when period like '%-W%' then 'week'
            when period like '%-Q%' then 'quarter'
            when length(period) = 10 then 'day'
            else 'month'
        end as period_kind
    from dim_snapshot
    where as_of = (select max(as_of) from dim_snapshot $chosen_days)
),

lengths as (
    select
        *,
        cast(
            case period_kind
                when 'week' then date_trunc('week', as_of)
                when 'quarter' then date_trunc('quarter', as_of)
                when 'day' then as_of
                else date_trunc('month', as_of)
            end as date
        ) as period_start,
        case period_kind
            when 'week' then interval 7 day
            when 'quarter' then interval 3 month
            when 'day' then interval 1 day
            else interval 1 month
        end as period_length,
        -- A year is 52 weeks where periods are weeks.
        case period_kind when 'week' then interval 364 day else interval 12 month end as year_length
    from snapshot
),

starts as (
    select
        *,
        cast(as_of - period_start as integer) as elapsed_days,
        cast(period_start - period_length as date) as previous_period_start,
        cast(period_start - year_length as date) as year_before_start,
        cast(period_start - 47 * period_length as date) as earliest_start
    from lengths
),

ends as (
    select
        *,
        period_start - 1 as previous_period_end,
        cast(year_before_start + period_length as date) - 1 as year_before_end
    from starts
)

select
    as_of,
    cast(as_of as varchar) as snapshot,
    period,
    is_period_end,
    previous_period_start,
    year_before_start,
    if(is_period_end, previous_period_end, least(previous_period_start + elapsed_days, previous_period_end))
        as previous_as_of,
    if(is_period_end, year_before_end, least(year_before_start + elapsed_days, year_before_end)) as year_before_as_of,
    case period_kind
        when 'week' then strftime(earliest_start, '%G-W%V')
        when 'quarter' then concat(year(earliest_start), '-Q', quarter(earliest_start))
        when 'day' then strftime(earliest_start, '%Y-%m-%d')
        else strftime(earliest_start, '%Y-%m')
    end as earliest_period,
    case period_kind
        when 'week' then strftime(year_before_start, '%G-W%V')
        when 'quarter' then concat(year(year_before_start), '-Q', quarter(year_before_start))
        when 'day' then strftime(year_before_start, '%Y-%m-%d')
        else strftime(year_before_start, '%Y-%m')
    end as year_before_period
from ends
