// Charts: drawn by ECharts as SVG, without animation, in the colours of the page.

// Okabe and Ito's colours, which the colour-blind tell apart too.
const COLORS = { blue: "#0072b2", sky: "#56b4e9", green: "#009e73", yellow: "#e6b422", orange: "#e69f00", vermilion: "#d55e00", pink: "#cc79a7", grey: "#8a929b" };
const STAGE_COLORS = {
    potential: COLORS.grey, new: COLORS.sky, effective: COLORS.green, active: COLORS.blue, loyal: "#004b76",
    silent: COLORS.yellow, dormant: COLORS.orange, dead: COLORS.vermilion,
};
/** The three parts of a change, wherever one is split. */
const CAUSE_COLORS = [COLORS.blue, COLORS.orange, COLORS.pink];

/** Width of a chart on A4, in pixels. */
const PRINTED_WIDTH = 690;

let charts = [];

const forgetCharts = () => {
    for (const { drawn } of charts) drawn.dispose();
    charts = [];
};

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A chart of `height` pixels; `label` tells those who can't see it what it shows, `option` what ECharts draws. */
const chart = (label, height, option) => {
    const place = element("div", { class: "chart", role: "img", "aria-label": label });
    place.style.height = `${height}px`;
    // What isn't in the page yet has no width.
    queueMicrotask(() => {
        const drawn = echarts.init(place, null, { renderer: "svg", width: place.clientWidth || PRINTED_WIDTH, height });
        drawn.setOption({ animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: style("--ink") }, ...option() });
        charts.push({ drawn, place, height });
        drawn.getZr().flush();
        scale(place);
    });
    return place;
};

const fitCharts = (width) => {
    for (const { drawn, place, height } of charts) {
        drawn.resize({ width: width ?? place.clientWidth, height });
        // Paper doesn't wait for the next frame.
        drawn.getZr().flush();
        scale(place);
    }
};

/** Lets a chart shrink with paper of any width, also where nobody is told that it is printed. */
const scale = (place) => {
    const svg = place.querySelector("svg");
    svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
};
// As HTML, a tooltip would need styles that the page's policy refuses.
const tooltip = (formatter, more = {}) => ({
    renderMode: "richText",
    confine: true,
    backgroundColor: style("--card"),
    borderColor: style("--line"),
    textStyle: { color: style("--ink"), fontSize: 13 },
    formatter,
    ...more,
});

const valueAxis = (show, more = {}) => ({
    type: "value",
    axisLabel: { color: style("--quiet"), formatter: (value) => show(value), hideOverlap: true },
    splitLine: { lineStyle: { color: style("--line") } },
    ...more,
});

const categoryAxis = (data, more = {}) => ({
    type: "category",
    data,
    axisTick: { show: false },
    axisLabel: { color: style("--ink"), hideOverlap: true },
    axisLine: { lineStyle: { color: style("--line") } },
    ...more,
});

const isNarrow = () => document.documentElement.clientWidth < 640;

/** Names beside their colours. */
const legend = (entries) =>
    element(
        "ul",
        { class: "legend" },
        entries.map(([name, color]) => {
            const swatch = element("span", { class: "swatch" });
            swatch.style.background = color;
            return element("li", {}, swatch, name);
        }),
    );

/** Lines over periods. A series is {name, values, color, dash}. */
const lines = (label, periods, series, show, height) =>
    chart(label, height, () => ({
        grid: { left: 8, right: 24, top: 16, bottom: 8, containLabel: true },
        xAxis: categoryAxis(periods.map(shortPeriod)),
        yAxis: valueAxis(show === money ? axisMoney : show, { scale: true, splitNumber: 4 }),
        tooltip: tooltip((points) => [points[0].axisValue, ...points.map((point) => `${point.seriesName}  ${show(point.value)}`)].join("\n"), { trigger: "axis" }),
        series: series.map(({ name, values, color, dash }) => ({
            type: "line", name, data: values, color, symbolSize: 5, lineStyle: { width: 2.5, type: dash ?? "solid" },
        })),
    }));

/** Bars to the right and left, a row per name, the parts of each side by side, in money. A part is {name, values, color}. */
const splitBars = (label, names, parts, show = signedMoney) =>
    chart(label, 40 + 30 * names.length, () => ({
        grid: { left: 8, right: 24, top: 4, bottom: 8, containLabel: true },
        xAxis: valueAxis(axisMoney, { splitNumber: isNarrow() ? 2 : 5 }),
        yAxis: categoryAxis(names, { inverse: true, axisLabel: { color: style("--ink"), interval: 0, width: isNarrow() ? 110 : 240, overflow: "truncate" } }),
        tooltip: tooltip((points) => [points[0].axisValue, ...points.map((point) => `${point.seriesName}  ${show(point.value)}`)].join("\n"), { trigger: "axis", axisPointer: { type: "shadow" } }),
        series: parts.map(({ name, values, color }) => ({ type: "bar", stack: "all", name, data: values, color, barMaxWidth: 18 })),
    }));

/** Shares with their intervals, a row per name: from the lowest to the share in one colour, on to the highest in another. */
const intervalBars = (label, names, intervals) =>
    chart(label, 40 + 30 * names.length, () => {
        const part = (values, color) => ({ type: "bar", stack: "all", data: values, color, barMaxWidth: 14, silent: color === "transparent" });
        return {
            grid: { left: 8, right: 24, top: 4, bottom: 8, containLabel: true },
            xAxis: valueAxis((value) => percent(value, 0), { min: 0, max: 1 }),
            yAxis: categoryAxis(names, { inverse: true, axisLabel: { color: style("--ink"), interval: 0 } }),
            tooltip: tooltip(([{ axisValue, dataIndex }]) => `${axisValue}\n${intervalShown(intervals[dataIndex])}`, { trigger: "axis", axisPointer: { type: "shadow" } }),
            series: [
                part(intervals.map(({ lowest }) => lowest), "transparent"),
                part(intervals.map(({ lowest, share }) => share - lowest), COLORS.blue),
                part(intervals.map(({ share, highest }) => highest - share), COLORS.sky),
            ],
        };
    });

const intervalShown = ({ share, lowest, highest }) => `${percent(share, 0)}${text("unit.interval", { lowest: percent(lowest, 0), highest: percent(highest, 0) })}`;
