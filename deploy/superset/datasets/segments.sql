-- Customers of the chain and their money in the window, by value segment.
-- Grain: segment.
select
    segments.segment as code,
    segments.$name as segment,
    segments.customers,
    segments.monetary,
    segments.$strategy as strategy
from segments
