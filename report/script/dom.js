// Elements of the page. Texts become text nodes, so nothing in the data can become markup.

/** An element with attributes (on… are listeners) and children. */
const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
        else if (value === true) made.setAttribute(name, "");
        else if (value !== false && value != null) made.setAttribute(name, value);
    }
    made.append(...children.flat(Infinity).filter((child) => child != null));
    return made;
};

/** A choice between a few: calls `choose` with the value of the button that is pressed. */
const choice = (label, options, chosen, choose) =>
    element(
        "div",
        { class: "controls", role: "group", "aria-label": label },
        options.map(([value, name, tag]) =>
            element(
                "button",
                { type: "button", lang: tag, "aria-pressed": String(value === chosen), onclick: () => choose(value) },
                name,
            ),
        ),
    );

/** ▲ or ▼ and a text, coloured by whether that direction is the good one. */
const arrow = (isUp, shown, good = "up") =>
    element("span", { class: good === "neither" ? null : isUp === (good === "up") ? "good" : "bad" }, `${isUp ? "▲" : "▼"} ${shown}`);

/** By how much something rose or fell. */
const change = (moved, show, good = "up") => {
    if (moved == null) return element("span", {}, NONE);
    const shown = show(Math.abs(moved));
    return moved === 0 ? element("span", {}, shown) : arrow(moved > 0, shown, good);
};
