-- Each customer known by as_of in each scope group: R, F, M, life stage, period status and VIP tier.
-- The ladder's rules are tried from the top; the first that matches is the stage. Who has sessions left is not idle.
-- The period status follows from how many cycles closed since the last consumption without sessions left. They are the
-- periods up to the last closing day, so that who hasn't come in an open one keeps the status of that day; or, by
-- policy, the last so many days and those before them.
-- Grain: scope_key, customer_key.
with
-- Where the windows begin, once for all customers: the engine takes months into account whenever it subtracts days.
ladder as (
    select
        policy_no,
        dead_idle_days,
        dormant_idle_days,
        beyond_recall_days,
        loyal_recency_days,
        loyal_frequency,
        active_recency_days,
        active_frequency,
        effective_recency_days,
        effective_frequency,
        new_recency_days,
        $as_of - window_days + 1 as window_start,
        $as_of - loyal_window_days + 1 as loyal_window_start,
        $as_of - active_window_days + 1 as active_window_start,
        $as_of - effective_window_days + 1 as effective_window_start,
        cycle_days is not null as is_rolling,
        coalesce($as_of - cycle_days + 1, $closed_start) as cycle_start,
        coalesce($as_of - 2 * cycle_days + 1, $second_closed_start) as previous_cycle_start,
        case when cycle_days is null then $closed_end else $as_of end as cycle_end
    from policy_ladder
),

customers as (
    select
        int_customer_scope.scope_key,
        int_customer_scope.customer_key,
        int_customer_scope.known_on,
        int_customer_scope.first_consumed_on,
        int_customer_scope.last_consumed_on,
        int_customer_scope.consumed_days,
        int_customer_scope.paid_days,
        int_customer_scope.paid_cents,
        int_customer_scope.department_key,
        int_customer_scope.latest_revenue,
        int_customer_scope.policy_no,
        int_customer_scope.monetary,
        int_customer_scope.lifetime_monetary,
        int_customer_scope.repeat_monetary,
        int_customer_scope.lifetime_profit,
        $as_of - int_customer_scope.last_consumed_on as recency_days,
        int_customer_scope.lines,
        coalesce(int_customer_order.orders, 0) as orders,
        coalesce(int_package_scope.sessions_left, 0) as sessions_left,
        int_package_scope.ends_on as package_ends_on,
        int_package_scope.previous_ends_on as previous_package_ends_on,
        int_package_scope.closed_ends_on as closed_package_ends_on,
        int_package_scope.opening_ends_on as opening_package_ends_on,
        int_package_scope.previous_opening_ends_on as previous_opening_package_ends_on,
        coalesce(int_package_scope.has_previous_sessions, false) as has_previous_sessions,
        case
            when coalesce(int_package_scope.sessions_left, 0) = 0
                then $as_of - greatest(int_customer_scope.last_consumed_on, int_package_scope.last_ended_on)
        end as idle_days
    from int_customer_scope
    left join int_customer_order
        on
            int_customer_scope.scope_key = int_customer_order.scope_key
            and int_customer_scope.customer_key = int_customer_order.customer_key
    left join int_package_scope
        on
            int_customer_scope.scope_key = int_package_scope.scope_key
            and int_customer_scope.customer_key = int_package_scope.customer_key
),

staged as (
    select
        customers.*,
        case $frequency_unit
            when 'days' then count_days(customers.consumed_days, ladder.window_start, $as_of)
            when 'lines' then customers.lines
            else customers.orders
        end as frequency,
        coalesce(customers.last_consumed_on >= ladder.window_start, false) as is_ranked,
        ladder.is_rolling,
        ladder.cycle_start,
        ladder.previous_cycle_start,
        ladder.cycle_end,
        case when ladder.is_rolling then customers.package_ends_on else customers.closed_package_ends_on end
            as cycle_package_ends_on,
        case
            when customers.last_consumed_on is null then 'potential'
            when customers.idle_days >= ladder.dead_idle_days then 'dead'
            when customers.idle_days >= ladder.dormant_idle_days then 'dormant'
            when
                customers.recency_days < ladder.loyal_recency_days
                and count_days(customers.consumed_days, ladder.loyal_window_start, $as_of)
                >= ladder.loyal_frequency
                then 'loyal'
            when
                customers.recency_days < ladder.active_recency_days
                and count_days(customers.consumed_days, ladder.active_window_start, $as_of)
                >= ladder.active_frequency
                then 'active'
            when
                customers.recency_days < ladder.effective_recency_days
                and count_days(customers.consumed_days, ladder.effective_window_start, $as_of)
                >= ladder.effective_frequency
                then 'effective'
            when
                customers.first_consumed_on = customers.last_consumed_on
                and customers.recency_days <= ladder.new_recency_days
                then 'new'
            else 'silent'
        end as stage,
        coalesce(customers.idle_days >= ladder.beyond_recall_days, false) as is_beyond_recall
    from customers
    inner join ladder on customers.policy_no = ladder.policy_no
),

vip_metrics as (
    select distinct policy_no, metric from policy_vip_tier
),

valued as (
    select
        staged.*,
        case vip_metrics.metric
            when 'monetary' then staged.monetary
            when 'lifetime_monetary' then staged.lifetime_monetary
            when 'frequency' then cast(staged.frequency as decimal(18, 2))
        end as vip_value
    from staged
    left join vip_metrics on staged.policy_no = vip_metrics.policy_no
)

select
    valued.scope_key,
    valued.customer_key,
    valued.department_key,
    valued.latest_revenue,
    valued.policy_no,
    valued.known_on,
    valued.first_consumed_on,
    valued.last_consumed_on,
    valued.consumed_days,
    valued.paid_days,
    valued.paid_cents,
    valued.recency_days,
    valued.frequency,
    valued.monetary,
    valued.is_ranked,
    valued.lifetime_monetary,
    valued.repeat_monetary,
    valued.lifetime_profit,
    valued.sessions_left,
    valued.stage,
    valued.is_beyond_recall,
    case
        when valued.last_consumed_on is null then null
        when valued.last_consumed_on >= valued.cycle_start or valued.cycle_package_ends_on > valued.cycle_end
            then case when valued.first_consumed_on = valued.last_consumed_on then 'new' else 'active' end
        when valued.first_consumed_on = valued.last_consumed_on then 'lost'
        when
            valued.last_consumed_on >= valued.previous_cycle_start
            or valued.cycle_package_ends_on >= valued.cycle_start
            then 'dormant'
        else 'lost'
    end as period_status,
    coalesce(not valued.is_rolling and not $is_period_end and valued.last_consumed_on < $period_start, false)
        as is_provisional,
    valued.package_ends_on,
    valued.previous_package_ends_on,
    valued.opening_package_ends_on,
    valued.previous_opening_package_ends_on,
    valued.has_previous_sessions,
    tiers.tier as vip_tier,
    tiers.tier_no as vip_tier_no
from valued
left join policy_vip_tier as tiers
    on
        valued.policy_no = tiers.policy_no
        and valued.vip_value >= tiers.value_from
        and (tiers.value_before is null or valued.vip_value < tiers.value_before)
