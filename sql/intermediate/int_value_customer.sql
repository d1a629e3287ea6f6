-- What value curves group customers by: the period and the department of the first visit, and the channel of the lead.
-- Grain: customer_key.
select
    int_first_visit.customer_key,
    int_first_visit.first_consumed_on,
    int_first_visit.department_key,
    int_lead.channel,
    period_no($period_kind, int_first_visit.first_consumed_on) as cohort_no
from int_first_visit
left join int_lead on int_first_visit.customer_key = int_lead.customer_key
