-- What the oracle starts from: canonical rows as delivered, one run, its policy.
-- `delivered` orders the same key's deliveries: the later object, then the later row.
create or replace table in_orders (
    order_id text,
    line_no text,
    customer_id text,
    branch_id text,
    paid_on date,
    amount decimal(18, 2),
    list_amount decimal(18, 2),
    cost decimal(18, 2),
    status text,
    kind text,
    department text,
    item_id text,
    package_sessions bigint,
    referrer_id text,
    campaign_id text,
    staff_id text,
    points decimal(18, 2),
    updated_at timestamp,
    delivered text,
);

create or replace table in_visits (
    visit_id text,
    customer_id text,
    branch_id text,
    visited_on date,
    department text,
    item_id text,
    kind text,
    order_id text,
    order_branch_id text,
    status text,
    updated_at timestamp,
    delivered text,
);

create or replace table in_leads (
    customer_id text,
    branch_id text,
    created_on date,
    channel text,
    updated_at timestamp,
    delivered text,
);

create or replace table in_contacts (
    contact_id text,
    customer_id text,
    branch_id text,
    contacted_on date,
    action text,
    outcome text,
    updated_at timestamp,
    delivered text,
);

create or replace table in_spend (
    spent_on date,
    amount decimal(18, 2),
    branch_id text,
    channel text,
);

create or replace table in_branches (
    branch_id text,
    name text,
    region text,
    opened_on date,
    timezone text,
);

create or replace table in_items (
    item_id text,
    name text,
    department text,
    category text,
    list_price decimal(18, 2),
);

-- One row. The scorings are `quintile` or `thresholds`; ids are unique in the `branch` or in the `chain`.
create or replace table run (
    as_of date,
    period text,
    window_days integer,
    frequency_counts text,
    package_valid_days integer,
    recency_scoring text,
    frequency_scoring text,
    monetary_scoring text,
    vip_metric text,
    pipeline_zone text,
    order_ids_unique_in text,
    visit_ids_unique_in text,
);

-- VIP tiers, from the lowest, 1, on.
create or replace table tier (
    vip_tier text,
    position integer,
    at_least decimal(18, 2),
);

-- Declared thresholds: the score of values within the bounds, open where told, unbounded where null.
create or replace table threshold (
    metric text,
    score integer,
    lower decimal(18, 2),
    is_lower_open boolean,
    upper decimal(18, 2),
    is_upper_open boolean,
);

-- One row: how many days after a list a contact is one of it, and whether it held anybody out.
create or replace table outcome (
    contact_days integer,
    has_hold_out boolean,
);

-- Whom the key draws.
create or replace table held_out (customer_id text);

-- The ladder's numbers per department; the row '' is everybody else's.
create or replace table ladder (
    department text,
    dead_idle_days integer,
    beyond_recall_days integer,
    dormant_idle_days integer,
    loyal_recency_days integer,
    loyal_window_days integer,
    loyal_frequency integer,
    active_recency_days integer,
    active_window_days integer,
    active_frequency integer,
    effective_recency_days integer,
    effective_window_days integer,
    effective_frequency integer,
    new_recency_days integer,
);

-- The window of frequency and money per department that has its own.
create or replace table own_window_days (department text, window_days integer);

-- The length of the period status's cycles per department, where they aren't the periods; the row '' is everybody else's.
create or replace table cycle (
    department text,
    cycle_days integer,
);

-- The score from which on a metric is high, where the mean doesn't decide.
create or replace table high_from (
    metric text,
    score integer,
);

-- Shares of money that are profit where a line has no cost: an item's, a department's, or the chain's, where both are
-- null.
create or replace table margin (
    item_id text,
    department text,
    margin decimal(18, 6),
);

-- The days whose ends are looked at. Nothing later than such a day is known on it.
create or replace table known_day (known_on date);
