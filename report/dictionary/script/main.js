// The dictionary from top to bottom; drawn anew when the reader takes another language or other colours.

const SECTIONS = { tables: published, metrics: metricList, lineage, checks: checkList, policy, given, between };

/** Draws the page, in the colours of `shown`. */
const show = (shown = theme) => {
    groups = [];
    asReaderChose(shown);
    const title = pipeline == null ? text("dictionary.title") : `${pipeline.name} ${text("dictionary.title")}`;
    document.title = title;
    const sections = Object.values(SECTIONS).map((build) => build());
    document.getElementById("page").replaceChildren(
        element("header", { class: "page" },
            element("div", {}, element("h1", {}, title), element("p", {}, text("dictionary.reading", { tables: tables.length, metrics: metrics.length }))),
            choices(show),
        ),
        searchBox(),
        element("nav", { "aria-label": text("page.contents") }, Object.keys(SECTIONS).map((id) => element("a", { href: `#${id}` }, text(`${id}.title`)))),
        element("main", {}, sections),
        element("footer", {}, element("p", {}, text("dictionary.made", { version: rfmart_version }))),
    );
    document.getElementById("search").dispatchEvent(new Event("input"));
};

onPaper(show);
show();
// What the address names is there only now.
if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
