// The page from top to bottom; drawn anew when the reader takes another language or other colours.

const SECTIONS = { coverage, headline, findings, stages, segments, vips, branches, cohorts, second_visit: secondVisit, value_curve: valueCurve, value_to_come: valueToCome, acquisition, items, high_value: highValue, actions, outcomes, trend };

const title = () => text(`page.title.${snapshot.period_kind}`);

/** Draws the page, in the colours of `shown`. */
const show = (shown = theme) => {
    forgetCharts();
    asReaderChose(shown);
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
        choices(show),
    );

const pageFoot = () =>
    element("footer", {},
        element("p", {}, text("page.privacy")),
        element("p", {}, text("page.made", { version: snapshot.rfmart_version, commit: snapshot.commit_number, run: snapshot.run_id, timezone: snapshot.timezone, currency: snapshot.currency })),
    );

window.addEventListener("resize", () => fitCharts());
// On paper charts are as wide as A4. Those that are drawn anew are there after the microtasks before this one.
onPaper(show, (isPrinted) => queueMicrotask(() => fitCharts(isPrinted ? PRINTED_WIDTH : undefined)));
show();
