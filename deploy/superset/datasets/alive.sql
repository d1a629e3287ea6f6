-- How likely customers are to still come, in fifths; who came once stands apart.
-- Grain: alive.
select
    coalesce(bands.label, value_alive.band) as alive,
    bands.place,
    value_alive.customers,
    value_alive.revenue as lifetime_money,
    value_alive.expected_value
from value_alive
left join $texts_alive as bands on value_alive.band = bands.key
