-- Where newcomers come from, how far they get, and what they cost: those of the last year, of whom nobody may buy for the
-- first time yet.
-- Grain: channel.
select
    coalesce(channels.label, acquisition_channels.channel, $text_channel_none) as channel,
    acquisition_channels.leads,
    acquisition_channels.came_without_lead,
    acquisition_channels.booked,
    acquisition_channels.arrived,
    acquisition_channels.arrived / nullif(acquisition_channels.booked, 0) as arrival_rate,
    acquisition_channels.consulted,
    acquisition_channels.consulted_buyers,
    acquisition_channels.consulted_buyers / nullif(acquisition_channels.consulted, 0) as closing_rate,
    acquisition_channels.first_orders,
    acquisition_channels.first_orders / nullif(acquisition_channels.leads, 0) as first_order_rate,
    acquisition_channels.second_orders,
    acquisition_channels.second_orders / nullif(acquisition_channels.first_orders, 0) as second_order_rate,
    acquisition_channels.second_orders_open,
    acquisition_channels.spend,
    acquisition_channels.spend > 0 as is_paid,
    acquisition_channels.cost_per_lead,
    acquisition_channels.cost_per_new_customer,
    acquisition_channels.payback
from acquisition_channels
left join $texts_channel as channels on acquisition_channels.channel = channels.key
