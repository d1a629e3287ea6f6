-- VIPs of the chain by tier, now and when the period opened, with those of them who are active and their money.
-- Grain: vip_tier.
with
members as (
    select
        vip_tier,
        count(*) as customers,
        sum(case when period_status = 'active' then 1 else 0 end) as active_customers,
        sum(monetary) as monetary,
        avg(cast(monetary as double)) as mean_monetary
    from fct_lifecycle_snapshot
    where as_of = $as_of and scope = 'chain' and vip_tier is not null
    group by vip_tier
),

opening as (
    select
        previous_vip_tier as vip_tier,
        count(*) as customers
    from fct_lifecycle_snapshot
    where as_of = $as_of and scope = 'chain' and previous_vip_tier is not null
    group by previous_vip_tier
),

tiers as (
    select vip_tier from members
    union
    select vip_tier from opening
)

select
    tiers.vip_tier,
    coalesce(opening.customers, 0) as opening_customers,
    coalesce(members.customers, 0) as customers,
    coalesce(members.active_customers, 0) as active_customers,
    coalesce(members.monetary, 0) as monetary
from tiers
left join members on tiers.vip_tier = members.vip_tier
left join opening on tiers.vip_tier = opening.vip_tier
order by members.mean_monetary desc nulls last, tiers.vip_tier asc
