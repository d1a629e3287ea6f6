// The page in three languages. What is asked for in the address (?lang=en) comes before the reader's own choice.

const texts = island("texts");
const LANGUAGES = Object.keys(texts);
const asked = new URLSearchParams(location.search);

/** A choice that outlives the page, where the browser lets it. */
const remembered = (key, value) => {
    try {
        if (value !== undefined) localStorage.setItem(`rfmart.${key}`, value);
        return localStorage.getItem(`rfmart.${key}`);
    } catch {
        return null;
    }
};

const ofBrowser = () => {
    for (const tag of navigator.languages) {
        if (/^zh\b.*(-Hans|-CN|-SG)/i.test(tag)) return "zh-Hans";
        if (/^zh\b/i.test(tag)) return "zh-Hant";
        if (/^en\b/i.test(tag)) return "en";
    }
    return "zh-Hant";
};

let language = [asked.get("lang"), remembered("language"), ofBrowser()].find((tag) => LANGUAGES.includes(tag));

/** A text of the page, its {names} filled in. */
const text = (key, values = {}) => {
    const found = texts[language][key];
    if (found === undefined) throw new Error(`no text ${key} in ${language}`);
    return found.replace(/\{(\w+)\}/g, (_, name) => values[name]);
};

/** A text of the page, or the code itself where a project has codes of its own. */
const textOr = (key, code) => (key in texts[language] ? text(key) : code);

/** The column of a row in the reader's language: name_zh_hant, name_zh_hans or name_en. */
const inLanguage = (row, column) => row[`${column}_${language.toLowerCase().replace("-", "_")}`];
