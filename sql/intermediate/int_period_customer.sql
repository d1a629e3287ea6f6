-- Customers by what they did in each slot: this period, the one before and the same one a year before (run_slot). The
-- two earlier ones end where this one stands (to date), so that like is compared with like; a closing snapshot compares
-- whole periods.
-- base_ counts refer to the whole period before each slot, for retention. Dormant and lost are those who were not so
-- when the slot opened and would be if it ended on its last day: not come in it, and no sessions left. The status when
-- it opened is by the rules of int_customer_stage for a closing day; of who has come since it doesn't matter, unless
-- cycles roll: then the status of the last day is by these rules, too. Of a year before it isn't known who had sessions
-- left, nor who was a VIP then or on a day within the previous period.
-- The stocks are those of the period status at the slot's end, for this period that of int_customer_stage.
-- First-timers are due when 90 days have passed since their first day: by then they have returned or not.
-- Grain: scope_key, slot.
with
customers as (
    select
        stages.scope_key,
        stages.first_consumed_on,
        stages.consumed_days,
        stages.period_status,
        stages.vip_tier,
        run_slot.slot,
        run_slot.starts_on,
        run_slot.ends_on,
        run_slot.base_starts_on,
        run_slot.base_ends_on,
        policy_ladder.cycle_days,
        coalesce(run_slot.base_ends_on - policy_ladder.cycle_days + 1, run_slot.base_starts_on)
            as opening_cycle_starts_on,
        coalesce(run_slot.base_ends_on - 2 * policy_ladder.cycle_days + 1, run_slot.before_base_starts_on)
            as before_opening_cycle_starts_on,
        run_slot.ends_on - policy_ladder.cycle_days + 1 as cycle_starts_on,
        run_slot.ends_on - 2 * policy_ladder.cycle_days + 1 as before_cycle_starts_on,
        count_days(stages.consumed_days, run_slot.starts_on, run_slot.ends_on) as days,
        count_days(stages.consumed_days, run_slot.base_starts_on, run_slot.base_ends_on) > 0 as is_base,
        stages.first_consumed_on + 90 between run_slot.starts_on and run_slot.ends_on as is_due,
        count_days(stages.consumed_days, stages.first_consumed_on, stages.first_consumed_on + 90) > 1 as is_returned,
        case run_slot.slot
            when 'current' then stages.sessions_left > 0
            when 'previous' then stages.has_previous_sessions
        end as has_sessions,
        case run_slot.slot
            when 'current' then stages.opening_package_ends_on
            when 'previous' then stages.previous_opening_package_ends_on
        end as opening_package_ends_on,
        case run_slot.slot
            when 'current' then stages.package_ends_on
            when 'previous' then stages.previous_package_ends_on
        end as package_ends_on
    from int_customer_stage as stages
    inner join policy_ladder on stages.policy_no = policy_ladder.policy_no
    cross join run_slot
    where stages.last_consumed_on is not null
),

judged as (
    select
        *,
        case
            when slot = 'year_before' or first_consumed_on > base_ends_on then null
            when cycle_days is null and (days > 0 or has_sessions) then null
            when
                count_days(consumed_days, opening_cycle_starts_on, base_ends_on) > 0
                or opening_package_ends_on > base_ends_on
                then
                    case
                        when count_days(consumed_days, first_consumed_on, base_ends_on) = 1 then 'new'
                        else 'active'
                    end
            when count_days(consumed_days, first_consumed_on, base_ends_on) = 1 then 'lost'
            when
                count_days(consumed_days, before_opening_cycle_starts_on, base_ends_on) > 0
                or opening_package_ends_on >= opening_cycle_starts_on
                then 'dormant'
            else 'lost'
        end as opening_status,
        case
            when cycle_days is null or slot = 'year_before' then null
            when count_days(consumed_days, cycle_starts_on, ends_on) > 0 or package_ends_on > ends_on
                then 'active'
            when count_days(consumed_days, first_consumed_on, ends_on) = 1 then 'lost'
            when
                count_days(consumed_days, before_cycle_starts_on, ends_on) > 0
                or package_ends_on >= cycle_starts_on
                then 'dormant'
            else 'lost'
        end as rolled_status
    from customers
),

fallen as (
    select
        *,
        case
            when cycle_days is not null then rolled_status
            when opening_status = 'active' then 'dormant'
            when opening_status in ('new', 'dormant') then 'lost'
        end as status,
        case
            when slot = 'current' then period_status
            when slot = 'year_before' or first_consumed_on > ends_on then null
            when cycle_days is not null and rolled_status <> 'active' then rolled_status
            when cycle_days is null and opening_status is not null
                then
                    case
                        when not $is_period_end then opening_status
                        when opening_status = 'active' then 'dormant'
                        else 'lost'
                    end
            when count_days(consumed_days, first_consumed_on, ends_on) = 1 then 'new'
            else 'active'
        end as standing
    from judged
)

select
    scope_key,
    slot,
    sum(case when first_consumed_on <= ends_on then 1 else 0 end) as customers,
    sum(case when first_consumed_on between starts_on and ends_on then 1 else 0 end) as new_customers,
    sum(case when days > 0 then 1 else 0 end) as consuming_customers,
    sum(days) as consumption_days,
    sum(case when is_due then 1 else 0 end) as due_first_timers,
    sum(case when is_due and is_returned then 1 else 0 end) as returned_first_timers,
    sum(case when days > 1 or (days = 1 and first_consumed_on < starts_on) then 1 else 0 end)
        as repurchasing_customers,
    sum(case when is_base then 1 else 0 end) as base_customers,
    sum(case when is_base and days > 0 then 1 else 0 end) as retained_customers,
    case
        when slot <> 'year_before'
            then sum(case when status = 'dormant' and opening_status = 'active' then 1 else 0 end)
    end as dormant_customers,
    case
        when slot <> 'year_before'
            then sum(case when status = 'lost' and opening_status <> 'lost' then 1 else 0 end)
    end as lost_customers,
    case when slot <> 'year_before' then sum(case when standing = 'active' then 1 else 0 end) end as active_stock,
    case when slot <> 'year_before' then sum(case when standing = 'dormant' then 1 else 0 end) end as dormant_stock,
    case when slot <> 'year_before' then sum(case when standing = 'lost' then 1 else 0 end) end as lost_stock,
    case when slot = 'current' then sum(case when vip_tier is not null then 1 else 0 end) end as vip_customers
from fallen
group by scope_key, slot
