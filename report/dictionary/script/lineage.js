// The picture of what tables are made of. Pointing at one shows its ways, back to the sources and on to the marts.

const picture = document.getElementById("picture");
const arrows = [...picture.querySelectorAll("path")];
const nodes = [...picture.querySelectorAll("a")];
const tableOf = (node) => node.getAttribute("href").slice(1);

/** The arrows that lead to a table (`near` is "to"), or away from it ("from"), through whichever others. */
const ways = (name, near, far) => {
    const found = new Set();
    const open = [name];
    while (open.length > 0) {
        const table = open.pop();
        for (const arrow of arrows) {
            if (arrow.dataset[near] !== table || found.has(arrow)) continue;
            found.add(arrow);
            open.push(arrow.dataset[far]);
        }
    }
    return found;
};

const trace = (name) => {
    const traced = new Set([...ways(name, "to", "from"), ...ways(name, "from", "to")]);
    const ends = new Set([name, ...[...traced].flatMap((arrow) => [arrow.dataset.from, arrow.dataset.to])]);
    picture.classList.add("traced");
    for (const arrow of arrows) arrow.classList.toggle("on", traced.has(arrow));
    for (const node of nodes) node.classList.toggle("on", ends.has(tableOf(node)));
};

const forgetTrace = () => picture.classList.remove("traced");

for (const node of nodes) {
    for (const begin of ["mouseenter", "focus"]) node.addEventListener(begin, () => trace(tableOf(node)));
    for (const end of ["mouseleave", "blur"]) node.addEventListener(end, forgetTrace);
}

/** Shows a table in the picture, once the link has led there. */
const pointAt = (name) => setTimeout(() => document.getElementById(`picture-${name}`).focus());

/** Marks the tables whose names hold what is sought. */
const markInPicture = (holds) => nodes.forEach((node) => node.classList.toggle("sought", holds(tableOf(node).toLowerCase())));

const lineage = () => {
    picture.setAttribute("role", "group");
    picture.setAttribute("aria-label", text("lineage.title"));
    const kinds = ["given", "between", "published"].map((kind) => element("li", {}, element("span", { class: `swatch ${kind}` }), text(`lineage.${kind}`)));
    return section("lineage",
        element("ul", { class: "legend" }, kinds),
        element("div", { class: "scroll picture", tabindex: "0", role: "group", "aria-label": text("lineage.title") }, picture));
};
