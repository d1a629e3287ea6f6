-- Customers by what they did in this period, the one before and the same one a year before. The two earlier ones
-- end where this one stands (to date), so that like is compared with like; a closing snapshot compares whole periods.
-- base_ counts refer to the whole period before each slot, for retention.
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
        count_days(consumed_days, $year_before_base_start, $year_before_base_end) > 0 as is_year_before_base
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
        sum(case when is_current_base and current_days > 0 then 1 else 0 end) as retained_customers
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
        sum(case when is_previous_base and previous_days > 0 then 1 else 0 end) as retained_customers
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
        sum(case when is_year_before_base and year_before_days > 0 then 1 else 0 end) as retained_customers
    from customers
    group by scope_key
)

select * from slots
