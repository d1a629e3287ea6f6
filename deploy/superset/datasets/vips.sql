-- VIPs of the chain by tier, now and when the period opened, and how many of them are active.
-- Grain: tier.
select
    vips.vip_tier as tier,
    vips.opening_customers,
    vips.customers as closing_customers,
    vips.customers - vips.opening_customers as change,
    cast(vips.active_customers as double) / nullif(vips.customers, 0) as active_share,
    vips.monetary
from vips
