-- Sessions that customers came for, numbered within their package.
-- Grain: order_id, session_no.
with
sessions as (
    select order_id, visited_on
    from stg_visits
    where is_attended and kind = 'package_session' and order_id is not null
)

select
    order_id,
    visited_on,
    row_number() over (partition by order_id order by visited_on) as session_no
from sessions
