// Numbers and days as the reader writes them.

const CURRENCY_NAMES = { TWD: "元", CNY: "元", HKD: "港元", JPY: "日圓", THB: "泰銖", USD: "美元" };
const currencyName = () => (language === "en" ? snapshot.currency : (CURRENCY_NAMES[snapshot.currency] ?? snapshot.currency));

const NONE = "—";
const decimals = (value, digits, least = digits) =>
    value.toLocaleString("en-US", { minimumFractionDigits: least, maximumFractionDigits: digits });
const signed = (shown, value) => (value > 0 ? `+${shown}` : shown.replace("-", "−"));

/** A whole number; what rounds to nothing has no sign. */
const count = (value) => (value == null ? NONE : decimals(Math.round(value) + 0, 0).replace("-", "−"));

/** An amount in full, without its unit. */
const amount = count;

/** An amount to take in at a glance: 2,913 萬元, 29.13M TWD; a small one in full. */
const money = (value, isRounded = false) => {
    if (value == null) return NONE;
    const size = Math.abs(value);
    const [divisor, unit] = language === "en" ? englishUnit(size, isRounded) : chineseUnit(size, isRounded);
    const digits = divisor === 1 || size / divisor >= 1000 ? 0 : size / divisor >= 100 ? 1 : 2;
    const number = decimals(value / divisor, digits, 0).replace("-", "−");
    return language === "en" ? `${number}${unit} ${currencyName()}` : `${number} ${unit}${currencyName()}`;
};
const englishUnit = (size, isRounded) => (size >= 1e6 ? [1e6, "M"] : size >= (isRounded ? 1e4 : 1e5) ? [1e3, "k"] : [1, ""]);
const chineseUnit = (size, isRounded) => {
    if (size >= 1e8) return [1e8, language === "zh-Hans" ? "亿" : "億"];
    return size >= (isRounded ? 1e4 : 1e5) ? [1e4, language === "zh-Hans" ? "万" : "萬"] : [1, ""];
};

/** An amount on an axis, where all of them are round. */
const axisMoney = (value) => money(value, true);

const signedMoney = (value) => (value == null ? NONE : signed(money(value), value));
const signedCount = (value) => (value == null ? NONE : signed(count(value), Math.round(value)));
const percent = (value, digits = 1) => (value == null ? NONE : `${decimals(100 * value, digits).replace("-", "−")}%`);
const signedPercent = (value, digits = 1) => (value == null ? NONE : signed(percent(value, digits), value));
/** A distance of two shares. */
const points = (distance) => `${decimals(100 * distance, 1)} ${text("unit.points")}`;
/** The same with its direction, where the heading has the unit. */
const signedPoints = (distance, digits = 1) => {
    if (distance == null) return NONE;
    const rounded = Number((100 * distance).toFixed(digits)) + 0;
    return signed(decimals(rounded, digits), rounded);
};
/** How many times as much. */
const times = (value) => (value == null ? NONE : text("unit.times", { times: decimals(value, 1) }));

/** 2026-10-31 as 2026/10/31; in English as it is. */
const day = (value) => (value == null ? NONE : language === "en" ? value : value.replaceAll("-", "/"));

/** 2026-10 as 2026 年 10 月. */
const period = (label) => {
    if (language === "en") return label;
    const [year, rest] = [label.slice(0, 4), label.slice(5)];
    if (rest.startsWith("Q")) return `${year} 年第 ${rest.slice(1)} 季`;
    if (rest.startsWith("W")) return `${year} 年第 ${Number(rest.slice(1))} ${language === "zh-Hans" ? "周" : "週"}`;
    if (rest.includes("-")) return day(label);
    return `${year} 年 ${Number(rest)} 月`;
};

/** A period on an axis, where there is little room. */
const shortPeriod = (label) => label.replace(/^20/, "");
