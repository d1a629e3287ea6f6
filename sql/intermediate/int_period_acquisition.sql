-- How each branch and the chain won customers in each slot (run_slot): the chain's newcomers, at the branch that had
-- their first day, and whom of them a customer had brought by the slot's end; the leads whose 90 days ended in it, at
-- the branch of the lead, and who of them came in time; and what was spent. What is of no branch is the chain's alone.
-- Grain: scope_key, slot.
with
slots as (
    select
        slot,
        starts_on,
        ends_on,
        starts_on - 90 as due_from,
        ends_on - 90 as due_until
    from run_slot
),

newcomers as (
    select
        slots.slot,
        int_first_visit.branch_key,
        count(*) as chain_new_customers,
        sum(case when int_referrer.referred_on <= slots.ends_on then 1 else 0 end) as referred_customers
    from slots
    cross join int_first_visit
    left join int_referrer on int_first_visit.customer_key = int_referrer.customer_key
    where int_first_visit.first_consumed_on between slots.starts_on and slots.ends_on
    group by slots.slot, int_first_visit.branch_key
),

-- Who had consumed before is no lead.
leads as (
    select
        int_lead.branch_key,
        int_lead.created_on,
        coalesce(customers.first_consumed_on - int_lead.created_on <= 90, false) as is_converted
    from int_lead
    inner join int_customer_stage as customers on int_lead.customer_key = customers.customer_key
    where
        customers.scope_key = $chain_scope_key
        and (customers.first_consumed_on is null or customers.first_consumed_on >= int_lead.created_on)
),

due as (
    select
        slots.slot,
        coalesce(leads.branch_key, cast(-1 as int)) as branch_key,
        count(*) as due_leads,
        sum(case when leads.is_converted then 1 else 0 end) as converted_leads
    from slots
    cross join leads
    where leads.created_on between slots.due_from and slots.due_until
    group by slots.slot, coalesce(leads.branch_key, cast(-1 as int))
),

parts as (
    select
        slot,
        branch_key,
        chain_new_customers,
        referred_customers,
        0 as due_leads,
        0 as converted_leads,
        cast(0 as decimal(18, 2)) as spend
    from newcomers
    union all
    select
        slot,
        branch_key,
        0 as chain_new_customers,
        0 as referred_customers,
        due_leads,
        converted_leads,
        cast(0 as decimal(18, 2)) as spend
    from due
    union all
    select
        span as slot,
        branch_key,
        0 as chain_new_customers,
        0 as referred_customers,
        0 as due_leads,
        0 as converted_leads,
        spend
    from int_spend_share
    where span <> 'period'
),

scoped as (
    select
        branch_key as scope_key, slot, chain_new_customers, referred_customers, due_leads, converted_leads, spend
    from parts
    where branch_key <> -1
    union all
    select
        $chain_scope_key as scope_key, slot, chain_new_customers, referred_customers, due_leads, converted_leads, spend
    from parts
)

select
    scope_key,
    slot,
    sum(chain_new_customers) as chain_new_customers,
    sum(referred_customers) as referred_customers,
    sum(due_leads) as due_leads,
    sum(converted_leads) as converted_leads,
    cast(sum(spend) as decimal(18, 2)) as spend
from scoped
group by scope_key, slot
