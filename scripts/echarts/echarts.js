// What the report's page draws with; scripts/build_echarts.sh makes one file of it.
import { BarChart, LineChart, SankeyChart, TreemapChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, SankeyChart, TreemapChart, GridComponent, TooltipComponent, SVGRenderer]);

export { init };
