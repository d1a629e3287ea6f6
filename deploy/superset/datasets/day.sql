-- How far the data reach, by what the day is and how long ago it was.
-- Grain: one row.
select
    shown_day.as_of,
    shown_day.period,
    case when shown_day.is_period_end then $text_state_closed else $text_state_open end as state,
    greatest(date_diff('day', shown_day.as_of, current_date) - 1, 0) as age_days
from shown_day
