// Writing numbers and times, in the way of the language in use.

import { hours, n, point, t, writing } from "./lang.js";

const mgPerMmol = 18; // as the program and the vendor convert

// decimal writes digits such as 5.4 as people do, and pointed reads what they
// wrote.
export const decimal = (digits) => String(digits).replace(".", point);
export const pointed = (text) => text.trim().replace(",", ".");

// level writes a value of mg/dL in a unit, rounded half up.
export function level(mgdl, unit) {
  return unit === "mg/dL" ? String(Math.round(mgdl)) : (Math.floor((mgdl / mgPerMmol) * 10 + 0.5) / 10).toFixed(1);
}

// The space before a sign of percent is not broken.
const written = (x, digits) => t("%s %%", decimal(x.toFixed(digits))).replace(" ", "\u00a0");
export const percent = (x) => written(Math.round(x), 0);
export const tenths = (x) => written(x, 1);

// share writes a percentage as clinics do: whole, but a tenth below 10 %, so
// that 0.6 % is not read as 1, the goal.
export const share = (x) => written(x, x < 9.95 ? 1 : 0);

let zone; // the program's, as an IANA name or offset; undefined for the browser's

export function setZone(name) {
  try {
    new Intl.DateTimeFormat(writing, { timeZone: name });
    zone = name || undefined;
  } catch {
    zone = undefined;
  }
}

const formats = new Map();

function write(time, options) {
  const key = JSON.stringify([options, zone]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(writing, { timeZone: zone, ...options }));
  return formats.get(key).format(new Date(time));
}

const date = (time) => write(time, { year: "numeric", month: "2-digit", day: "2-digit" });

export const clock = (time) => write(time, { ...hours, minute: "2-digit" });

// moment is a time of day, with the day where it is not today's.
export function moment(time, now = Date.now()) {
  return date(time) === date(now) ? clock(time) : write(time, { weekday: "short", day: "numeric", month: "short", ...hours, minute: "2-digit" });
}

// day writes a date such as 2026-11-27.
export const day = (text) => write(`${text}T12:00:00Z`, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" });

export const shortDay = (time) => write(time, { day: "numeric", month: "short", year: "numeric" });

// length is a duration in the largest unit that still says enough.
function length(seconds) {
  const m = Math.floor(seconds / 60);
  if (m < 120) return { m };
  const h = Math.floor(m / 60);
  return h < 48 ? { h } : { d: Math.floor(h / 24) };
}

// span writes a duration in full.
export function span(seconds) {
  const { m, h, d } = length(seconds);
  if (m < 1) return t("less than a minute");
  if (m) return n(m, "%d minute", "%d minutes");
  return h ? n(h, "%d hour", "%d hours") : n(d, "%d day", "%d days");
}

// ago writes how long ago something was: a text of its own, for other words
// or cases than those of the span.
export function ago(seconds) {
  const { m, h, d } = length(seconds);
  if (m < 1) return t("just now");
  if (m) return n(m, "%d minute ago", "%d minutes ago");
  return h ? n(h, "%d hour ago", "%d hours ago") : n(d, "%d day ago", "%d days ago");
}

// minutes writes a choice of minutes: 30 min, 1 h, 1 h 30 min.
export function minutes(all) {
  const h = Math.floor(all / 60);
  if (h === 0) return t("%d min", all);
  return all % 60 ? t("%d h %d min", h, all % 60) : t("%d h", h);
}

// minutesOf reads a duration such as 1h30m; null when it is none.
export function minutesOf(text) {
  const found = /^\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*$/.exec(text ?? "");
  if (!found || (found[1] == null && found[2] == null)) return /^\s*0/.test(text ?? "") ? 0 : null;
  return Number(found[1] ?? 0) * 60 + Number(found[2] ?? 0);
}

// days is a choice of days, with its words.
export const days = (count) => [count, n(count, "%d day", "%d days")];
