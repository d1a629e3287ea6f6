-- Customers by what they did in this period, the one before and the same one a year before. The two earlier ones
-- end where this one stands (to date), so that like is compared with like; a closing snapshot compares whole periods.
-- base_ counts refer to the whole period before each slot, for retention. Dormant and lost are those who were not so
-- when the slot opened and would be if it ended on its last day: not come in it, and no sessions left. The status when
-- it opened is by the rules of int_customer_stage for a closing day; of who has come since it doesn't matter.
-- Grain: scope_key, slot.
with
customers as (
    select
        scope_key,
        first_consumed_on,
        count_days(consumed_days, $period_start, $as_of) as current_days,
        count_days(consumed_days, $previous_period_start, $previous_to_date) as previous_days,
        count_days(consumed_days, $year_before_start, $year_before_to_date) as year_before_days,
        count_days(consumed_days, $previous_period_start, $opening) > 0 as is_current_base,
        count_days(consumed_days, $second_previous_start, $second_previous_end) > 0 as is_previous_base,
        count_days(consumed_days, $year_before_base_start, $year_before_base_end) > 0 as is_year_before_base,
        last_consumed_on < $period_start and sessions_left = 0 as is_away,
        case
            when last_consumed_on >= $previous_period_start or opening_package_ends_on > $opening
                then case when first_consumed_on = last_consumed_on then 'new' else 'active' end
            when first_consumed_on = last_consumed_on then 'lost'
            when last_consumed_on >= $second_previous_start or opening_package_ends_on >= $previous_period_start
                then 'dormant'
            else 'lost'
        end as opening_status,
        first_consumed_on <= $second_previous_end
        and count_days(consumed_days, $previous_period_start, $previous_to_date) = 0
        and not has_previous_sessions as was_away,
        case
            when
                count_days(consumed_days, $second_previous_start, $second_previous_end) > 0
                or previous_opening_package_ends_on > $second_previous_end
                then
                    case
                        when count_days(consumed_days, first_consumed_on, $second_previous_end) = 1 then 'new'
                        else 'active'
                    end
            when count_days(consumed_days, first_consumed_on, $second_previous_end) = 1 then 'lost'
            when
                count_days(consumed_days, $third_previous_start, $second_previous_end) > 0
                or previous_opening_package_ends_on >= $second_previous_start
                then 'dormant'
            else 'lost'
        end as previous_opening_status
    from int_customer_stage
    where last_consumed_on is not null
),

slots as (
    select
        scope_key,
        'current' as slot,
        sum(case when first_consumed_on <= $as_of then 1 else 0 end) as customers,
        sum(case when first_consumed_on between $period_start and $as_of then 1 else 0 end) as new_customers,
        sum(case when current_days > 0 then 1 else 0 end) as consuming_customers,
        sum(case when current_days > 1 or (current_days = 1 and first_consumed_on < $period_start) then 1 else 0 end)
            as repurchasing_customers,
        sum(case when is_current_base then 1 else 0 end) as base_customers,
        sum(case when is_current_base and current_days > 0 then 1 else 0 end) as retained_customers,
        sum(case when is_away and opening_status = 'active' then 1 else 0 end) as dormant_customers,
        sum(case when is_away and opening_status in ('new', 'dormant') then 1 else 0 end) as lost_customers
    from customers
    group by scope_key
    union all
    select
        scope_key,
        'previous' as slot,
        sum(case when first_consumed_on <= $previous_to_date then 1 else 0 end) as customers,
        sum(case when first_consumed_on between $previous_period_start and $previous_to_date then 1 else 0 end)
            as new_customers,
        sum(case when previous_days > 0 then 1 else 0 end) as consuming_customers,
        sum(
            case
                when previous_days > 1 or (previous_days = 1 and first_consumed_on < $previous_period_start) then 1
                else 0
            end
        ) as repurchasing_customers,
        sum(case when is_previous_base then 1 else 0 end) as base_customers,
        sum(case when is_previous_base and previous_days > 0 then 1 else 0 end) as retained_customers,
        sum(case when was_away and previous_opening_status = 'active' then 1 else 0 end) as dormant_customers,
        sum(case when was_away and previous_opening_status in ('new', 'dormant') then 1 else 0 end) as lost_customers
    from customers
    group by scope_key
    union all
    select
        scope_key,
        'year_before' as slot,
        sum(case when first_consumed_on <= $year_before_to_date then 1 else 0 end) as customers,
        sum(case when first_consumed_on between $year_before_start and $year_before_to_date then 1 else 0 end)
            as new_customers,
        sum(case when year_before_days > 0 then 1 else 0 end) as consuming_customers,
        sum(
            case
                when year_before_days > 1 or (year_before_days = 1 and first_consumed_on < $year_before_start) then 1
                else 0
            end
        ) as repurchasing_customers,
        sum(case when is_year_before_base then 1 else 0 end) as base_customers,
        sum(case when is_year_before_base and year_before_days > 0 then 1 else 0 end) as retained_customers,
        cast(null as bigint) as dormant_customers,
        cast(null as bigint) as lost_customers
    from customers
    group by scope_key
)

select * from slots
