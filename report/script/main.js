// The page from top to bottom; drawn anew when the reader takes another language or other colours.

const SECTIONS = { coverage, headline, findings, stages, segments, branches, cohorts, second_visit: secondVisit, value_curve: valueCurve, items, high_value: highValue, actions, trend };

let theme = [asked.get("theme"), remembered("theme")].find((name) => ["light", "dark"].includes(name))
    ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

const LANGUAGE_NAMES = [["zh-Hant", "繁體", "zh-Hant"], ["zh-Hans", "简体", "zh-Hans"], ["en", "English", "en"]];

const title = () => text(`page.title.${snapshot.period_kind}`);

/** Draws the page, in the colours of `shown`. */
const show = (shown = theme) => {
    forgetCharts();
    document.documentElement.lang = language;
    document.documentElement.dataset.theme = shown;
    document.title = `${snapshot.pipeline} ${title()} ${period(snapshot.period)}`;
    document.getElementById("page").replaceChildren(
        pageHead(),
        element("nav", { "aria-label": text("page.contents") }, Object.keys(SECTIONS).map((id) => element("a", { href: `#${id}` }, text(`${id}.title`)))),
        element("main", {}, Object.values(SECTIONS).map((build) => build())),
        pageFoot(),
    );
};

const pageHead = () =>
    element("header", { class: "page" },
        element("div", {},
            element("h1", {}, `${snapshot.pipeline} ${title()}`),
            element("p", {}, text(snapshot.is_period_end ? "page.closed" : "page.open", { period: period(snapshot.period), day: day(snapshot.as_of) })),
        ),
        element("div", { class: "controls" },
            choice(text("page.language"), LANGUAGE_NAMES, language, (tag) => {
                language = tag;
                remembered("language", tag);
                show();
            }),
            choice(text("page.colors"), [["light", text("page.light")], ["dark", text("page.dark")]], theme, (name) => {
                theme = name;
                remembered("theme", name);
                show();
            }),
        ),
    );

const pageFoot = () =>
    element("footer", {},
        element("p", {}, text("page.privacy")),
        element("p", {}, text("page.made", { version: snapshot.rfmart_version, commit: snapshot.commit_number, run: snapshot.run_id, timezone: snapshot.timezone, currency: snapshot.currency })),
    );

/** On paper the page is light, and as wide as A4. */
const print = (isPrinted) => {
    if (theme === "dark") show(isPrinted ? "light" : "dark");
    // Charts that are drawn anew are there after the microtasks before this one.
    queueMicrotask(() => fitCharts(isPrinted ? PRINTED_WIDTH : undefined));
};

window.addEventListener("resize", () => fitCharts());
window.addEventListener("beforeprint", () => print(true));
window.addEventListener("afterprint", () => print(false));
matchMedia("print").addEventListener("change", (event) => print(event.matches));
show();
