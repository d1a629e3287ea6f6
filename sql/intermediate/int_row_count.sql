-- What became of the rows that were read: each is one of used, duplicates (another delivery of the same key took its
-- place), after_as_of and rejected. run_row_count is what reading met; it knows of no duplicates. amount is the money
-- of the used rows that count.
-- Grain: entity, branch_key; branch_key is null for rows of no branch, and rejected ones whose branch can't be told.
with
replaced as (
    select 'orders' as entity, branch_ref, paid_on > $as_of as is_later from int_order_delivery
    where delivery_rank > 1
    union all
    select 'visits' as entity, branch_ref, visited_on > $as_of as is_later from int_visit_delivery
    where delivery_rank > 1
    union all
    select 'leads' as entity, branch_ref, created_on > $as_of as is_later from int_lead_delivery
    where delivery_rank > 1
    union all
    select 'contacts' as entity, branch_ref, contacted_on > $as_of as is_later from int_contact_delivery
    where delivery_rank > 1
),

duplicates as (
    select
        entity,
        branch_key(branch_ref) as branch_key,
        count(*) as duplicates,
        sum(case when is_later then 1 else 0 end) as later_duplicates
    from replaced
    group by entity, branch_ref
    union all
    select
        'branches' as entity,
        cast(null as int) as branch_key,
        count(*) - count(distinct branch_ref) as duplicates,
        0 as later_duplicates
    from src_branches
    union all
    select
        'items' as entity,
        cast(null as int) as branch_key,
        count(*) - count(distinct item_ref) as duplicates,
        0 as later_duplicates
    from src_items
),

used as (
    select
        'orders' as entity,
        branch_key,
        count(*) as used,
        sum(case when is_counted then amount end) as amount
    from stg_orders
    group by branch_key
    union all
    select 'visits' as entity, branch_key, count(*) as used, cast(null as decimal(28, 2)) as amount from stg_visits
    group by branch_key
    union all
    select 'leads' as entity, branch_key, count(*) as used, cast(null as decimal(28, 2)) as amount from stg_leads
    group by branch_key
    union all
    select 'contacts' as entity, branch_key, count(*) as used, cast(null as decimal(28, 2)) as amount
    from stg_contacts
    group by branch_key
    union all
    select 'spend' as entity, branch_key, count(*) as used, sum(amount) as amount
    from stg_spend
    group by branch_key
    union all
    select
        'branches' as entity, cast(null as int) as branch_key, count(*) as used, cast(null as decimal(28, 2)) as amount
    from stg_branches
    union all
    select 'items' as entity, cast(null as int) as branch_key, count(*) as used, cast(null as decimal(28, 2)) as amount
    from stg_items
),

parts as (
    select
        entity,
        branch_key,
        read,
        0 as used,
        0 as duplicates,
        after_as_of,
        rejected,
        cast(null as decimal(28, 2)) as amount
    from run_row_count
    union all
    select entity, branch_key, 0 as read, used, 0 as duplicates, 0 as after_as_of, 0 as rejected, amount
    from used
    union all
    select
        entity,
        branch_key,
        0 as read,
        0 as used,
        duplicates,
        -later_duplicates as after_as_of,
        0 as rejected,
        cast(null as decimal(28, 2)) as amount
    from duplicates
),

counts as (
    select
        entity,
        branch_key,
        sum(read) as read,
        sum(used) as used,
        sum(duplicates) as duplicates,
        sum(after_as_of) as after_as_of,
        sum(rejected) as rejected,
        sum(amount) as amount
    from parts
    group by entity, branch_key
)

select * from counts
where read > 0 or used > 0 or duplicates > 0
