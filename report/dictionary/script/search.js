// The box on top: as the reader types, what doesn't hold all of the words goes.

let groups = [];
let sought = "";

/** Lines that are sought together, under what their group says of itself. A line is {place, words}. */
const group = (place, said, lines) => {
    groups.push({ place, said: said.toLowerCase(), lines: lines.map((line) => ({ place: line.place, words: line.words.toLowerCase() })) });
    return place;
};

const searchBox = () => {
    const status = element("span", { class: "quiet", role: "status" });
    const box = element("input", { type: "search", id: "search", placeholder: text("search.placeholder"), "aria-label": text("search.placeholder"), value: sought, autocomplete: "off", spellcheck: "false" });
    box.addEventListener("input", () => seek(box.value, status));
    box.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
            box.value = "";
            seek("", status);
        } else if (event.key === "Enter") firstFound()?.focus();
    });
    return element("search", { class: "seek" }, box, element("span", { class: "quiet keys" }, text("search.keys")), status);
};

const seek = (typed, status) => {
    sought = typed.trim().toLowerCase();
    const words = sought.split(/\s+/);
    const holds = (said) => words.every((word) => said.includes(word));
    let found = 0;
    for (const { place, said, lines } of groups) {
        const isOwn = sought === "" || (said !== "" && holds(said));
        const shown = lines.filter((line) => (line.place.hidden = !isOwn && !holds(`${said} ${line.words}`), !line.place.hidden));
        place.hidden = !isOwn && shown.length === 0;
        found += place.hidden ? 0 : shown.length;
    }
    for (const section of document.querySelectorAll("main > section")) {
        const own = groups.filter(({ place }) => section.contains(place));
        section.hidden = own.length > 0 && own.every(({ place }) => place.hidden);
    }
    document.querySelector(".contents").hidden = sought !== "";
    markInPicture(sought === "" ? () => false : holds);
    status.textContent = sought === "" ? "" : text("search.found", { count: count(found) });
};

/** The heading or the line that was found first. */
const firstFound = () => {
    const { place, lines } = groups.find(({ place }) => !place.hidden && place.closest("section[hidden]") == null) ?? {};
    return place?.matches("article") ? place.querySelector("h3") : lines?.find((line) => !line.place.hidden)?.place.querySelector("th");
};

/** A slash leads to the box from anywhere. */
document.addEventListener("keydown", (event) => {
    const box = document.getElementById("search");
    if (event.key !== "/" || document.activeElement === box) return;
    event.preventDefault();
    box.select();
    box.focus();
});

/** A link to what is filtered out shows everything again. */
document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link == null || document.getElementById(link.getAttribute("href").slice(1))?.closest("[hidden]") == null) return;
    const box = document.getElementById("search");
    box.value = "";
    box.dispatchEvent(new Event("input"));
});
