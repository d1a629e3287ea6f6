// What the reader chooses: language and colours. A page draws itself anew when they change.

let theme = [asked.get("theme"), remembered("theme")].find((name) => ["light", "dark"].includes(name))
    ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

const LANGUAGE_NAMES = [["zh-Hant", "繁體", "zh-Hant"], ["zh-Hans", "简体", "zh-Hans"], ["en", "English", "en"]];

/** Tells the browser the language, and the colours that are shown. */
const asReaderChose = (shown) => {
    document.documentElement.lang = language;
    document.documentElement.dataset.theme = shown;
};

/** The buttons; `show` draws the page. */
const choices = (show) =>
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
    );

/** On paper a page is light. `fit` is told whenever it is to be printed, and when that is over. */
const onPaper = (show, fit = () => {}) => {
    const print = (isPrinted) => {
        if (theme === "dark") show(isPrinted ? "light" : "dark");
        fit(isPrinted);
    };
    window.addEventListener("beforeprint", () => print(true));
    window.addEventListener("afterprint", () => print(false));
    matchMedia("print").addEventListener("change", (event) => print(event.matches));
};
