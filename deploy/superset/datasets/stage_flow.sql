-- How many customers of the chain went from which life stage to which since the period opened. The names of both sides
-- differ, for a Sankey diagram takes equal ones for one node.
-- Grain: from_stage, to_stage.
select
    case
        when stage_flow.from_stage is null then $text_stages_unknown
        else concat($text_side_opening, ' ', opening.$name)
    end as from_stage,
    concat($text_side_closing, ' ', closing.$name) as to_stage,
    coalesce(stage_flow.from_stage, '') <> stage_flow.to_stage as is_moved,
    stage_flow.customers,
    stage_flow.monetary
from stage_flow
left join dim_stage as opening on stage_flow.from_stage = opening.stage and opening.as_of = $as_of
left join dim_stage as closing on stage_flow.to_stage = closing.stage and closing.as_of = $as_of
