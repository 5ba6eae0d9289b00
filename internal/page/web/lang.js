// The page's texts in the language in use. English ones are their own keys:
// t("Now"), t("%s ago", words), n(count, "%d day", "%d days"), c("switch", "on").
// internal/lang/gather finds them, so a text must be written out, in double
// quotes.

import speech from "./texts.js";

const { code = "en", locale = "en", point = ".", twelve = false, texts = {} } = speech;

export { code, locale, point };

// writing is the way of a browser's formats. English of no region is as the
// program writes it: the day first, and a clock of 24 hours.
export const writing = locale === "en" ? "en-GB" : locale;
export const hours = twelve ? { hour: "numeric", hourCycle: "h12" } : { hour: "2-digit", hourCycle: "h23" };

// formOf is which form of a text is for a number, as in internal/lang.
export function formOf(n, language = code) {
  if (language === "fr") return n < 2 ? 0 : 1;
  if (language !== "pl") return n === 1 ? 0 : 1;
  if (n === 1) return 0;
  return n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14) ? 1 : 2;
}

// fill puts values in the place of %s and %d, or of %[2]s where another order
// is right. Where some of them are elements, the outcome is a list of parts.
function fill(format, args) {
  const parts = [];
  let next = 0;
  let end = 0;
  for (const found of format.matchAll(/%(?:\[(\d+)\])?([sd%])/g)) {
    parts.push(format.slice(end, found.index));
    end = found.index + found[0].length;
    if (found[1]) next = Number(found[1]) - 1;
    parts.push(found[2] === "%" ? "%" : args[next++]);
  }
  parts.push(format.slice(end));
  return args.some((a) => a instanceof Node) ? parts : parts.join("");
}

const filled = (format, args) => (args.length ? fill(format, args) : format);

// t is a text.
export const t = (text, ...args) => filled(texts[text]?.[0] || text, args);

// c is a text that means something else elsewhere; a word tells what is meant.
export const c = (context, text, ...args) => filled(texts[`${context}|${text}`]?.[0] || text, args);

// n is a text with a number, which alone fills it where there are no args.
export function n(count, one, many, ...args) {
  const forms = texts[many];
  const own = forms?.[Math.min(formOf(count), forms.length - 1)];
  return fill(own || (count === 1 ? one : many), args.length ? args : [count]);
}

// small is a label within a sentence; German writes its nouns large there too.
export const small = (text) => (code === "de" ? text : text.toLocaleLowerCase(writing));

export const capital = (text) => text.charAt(0).toLocaleUpperCase(writing) + text.slice(1);
