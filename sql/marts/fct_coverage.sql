-- Whether what a day should bring has come: its rows and money beside the same weekday of the eight weeks before.
-- What is expected is the median of those eight days; a day without rows counts as none.
-- Grain: as_of, entity, scope, scope_id.
with
row_days as (
    select
        entity,
        branch_key as scope_key,
        day,
        row_count,
        amount
    from int_row_day
    where branch_key is not null
    union all
    select
        entity,
        $chain_scope_key as scope_key,
        day,
        sum(row_count) as row_count,
        sum(amount) as amount
    from int_row_day
    group by entity, day
),

scopes as (
    select
        branch_key as scope_key,
        'branch' as scope,
        branch_id as scope_id
    from int_branch
    union all
    select
        $chain_scope_key as scope_key,
        'chain' as scope,
        '*' as scope_id
),

entities as (
    select entity from int_row_day
    group by entity
),

history as (
    select
        row_days.entity,
        row_days.scope_key,
        min(row_days.day) as first_on,
        max(row_days.day) as last_on,
        sum(row_days.row_count) as row_count,
        sum(case when row_days.day = $as_of then row_days.row_count else 0 end) as rows_of_day,
        sum(case when row_days.day = $as_of then row_days.amount end) as amount_of_day,
        median(
            case
                when
                    row_days.day between $as_of - 56 and $as_of - 1
                    and row_days.row_count >= policy_coverage.least_rows
                    then cast(row_days.amount as double) / row_days.row_count
            end
        ) as usual_amount_per_row,
        sum(
            case
                when
                    row_days.day between $as_of - 56 and $as_of - 1
                    and row_days.row_count >= policy_coverage.least_rows
                    then 1
                else 0
            end
        ) as busy_days
    from policy_coverage
    cross join row_days
    group by row_days.entity, row_days.scope_key
),

weekdays as (
    select unnest(spread_days($as_of - 56, $as_of - 7, 7)) as day
),

expected as (
    select
        history.entity,
        history.scope_key,
        median(cast(coalesce(row_days.row_count, 0) as double)) as expected_rows,
        median(cast(coalesce(row_days.amount, 0) as double)) as expected_amount
    from weekdays
    cross join history
    left join row_days
        on
            history.entity = row_days.entity
            and history.scope_key = row_days.scope_key
            and weekdays.day = row_days.day
    where weekdays.day >= history.first_on
    group by history.entity, history.scope_key
),

covered as (
    select
        entities.entity,
        scopes.scope_key,
        scopes.scope,
        scopes.scope_id,
        history.last_on,
        $as_of - history.last_on as idle_days,
        coalesce(history.row_count, 0) as row_count,
        coalesce(history.rows_of_day, 0) as rows_of_day,
        history.amount_of_day,
        expected.expected_rows,
        case when entities.entity = 'orders' then expected.expected_amount end as expected_amount,
        cast(history.amount_of_day as double) / nullif(history.rows_of_day, 0) / nullif(history.usual_amount_per_row, 0)
            as amount_ratio,
        history.busy_days
    from entities
    cross join scopes
    left join history on entities.entity = history.entity and scopes.scope_key = history.scope_key
    left join expected on entities.entity = expected.entity and scopes.scope_key = expected.scope_key
)

select
    $as_of as as_of,
    $period as period,
    $is_period_end as is_period_end,
    covered.entity,
    covered.scope,
    covered.scope_id,
    covered.row_count,
    covered.last_on,
    covered.rows_of_day,
    covered.expected_rows,
    covered.amount_of_day,
    covered.expected_amount,
    case
        when covered.row_count = 0 then 'none'
        -- Busy days are 56 / busy_days apart; three times as long is silence.
        when covered.idle_days >= policy_coverage.silent_days and covered.idle_days * covered.busy_days >= 3 * 56
            then 'silent'
        when covered.rows_of_day = 0 and covered.expected_rows >= policy_coverage.least_rows then 'missing'
        when covered.amount_ratio >= policy_coverage.amount_factor
            and covered.rows_of_day >= policy_coverage.least_rows
            then 'amounts_high'
        when covered.amount_ratio * policy_coverage.amount_factor <= 1
            and covered.rows_of_day >= policy_coverage.least_rows
            then 'amounts_low'
        when
            2 * covered.rows_of_day < covered.expected_rows
            and covered.expected_rows - covered.rows_of_day > 4 * sqrt(covered.expected_rows)
            then 'few'
        when
            covered.rows_of_day > 2 * covered.expected_rows
            and covered.rows_of_day - covered.expected_rows
            > 4 * sqrt(greatest(covered.expected_rows, cast(policy_coverage.least_rows as double)))
            then 'many'
        else 'ok'
    end as verdict
from policy_coverage
cross join covered
order by covered.entity, covered.scope_key
