-- What the next 365 days are expected to bring, by value segment, beside the money in the window.
-- Grain: segment.
select
    value_segments.segment as code,
    value_segments.$name as segment,
    value_segments.customers,
    value_segments.returned_customers,
    value_segments.alive_customers,
    value_segments.monetary,
    value_segments.expected_value,
    value_segments.expected_value / nullif(value_segments.customers, 0) as expected_each
from value_segments
