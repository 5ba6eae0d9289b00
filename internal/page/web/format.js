// Writing numbers and times, in the reader's own way of writing them.

const mgPerMmol = 18; // as the program and the vendor convert

// level writes a value of mg/dL in a unit, rounded half up.
export function level(mgdl, unit) {
  return unit === "mg/dL" ? String(Math.round(mgdl)) : (Math.floor((mgdl / mgPerMmol) * 10 + 0.5) / 10).toFixed(1);
}

// The space before a sign of percent is not broken.
export const percent = (x) => `${Math.round(x)}\u00a0%`;

// share writes a percentage as clinics do: whole, but a tenth below 10 %, so
// that 0.6 % is not read as 1, the goal.
export const share = (x) => `${x.toFixed(x < 9.95 ? 1 : 0)}\u00a0%`;

let zone; // the program's, as an IANA name or offset; undefined for the browser's

export function setZone(name) {
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: name });
    zone = name || undefined;
  } catch {
    zone = undefined;
  }
}

const formats = new Map();

function write(time, options) {
  const key = JSON.stringify([options, zone]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(undefined, { timeZone: zone, ...options }));
  return formats.get(key).format(new Date(time));
}

const date = (time) => write(time, { year: "numeric", month: "2-digit", day: "2-digit" });

// A clock of 24 hours has two digits for each, as in the pictures.
const hour = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hour12 ? "numeric" : "2-digit";

export const clock = (time) => write(time, { hour, minute: "2-digit" });

// moment is a time of day, with the day where it is not today's.
export function moment(time, now = Date.now()) {
  return date(time) === date(now) ? clock(time) : write(time, { weekday: "short", day: "numeric", month: "short", hour, minute: "2-digit" });
}

// day writes a date such as 2026-11-27.
export const day = (text) => write(`${text}T12:00:00Z`, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" });

export const shortDay = (time) => write(time, { day: "numeric", month: "short", year: "numeric" });

// span writes a duration in full.
export function span(seconds) {
  const m = Math.floor(seconds / 60);
  if (m < 1) return "less than a minute";
  if (m < 120) return m === 1 ? "1 minute" : `${m} minutes`;
  const hours = Math.floor(m / 60);
  if (hours < 48) return `${hours} hours`;
  return `${Math.floor(hours / 24)} days`;
}

export const ago = (seconds) => (seconds < 60 ? "just now" : `${span(seconds)} ago`);

// minutes writes a choice of minutes: 30 min, 1 h, 1 h 30 min.
export function minutes(n) {
  if (n < 60) return `${n} min`;
  return n % 60 ? `${Math.floor(n / 60)} h ${n % 60} min` : `${n / 60} h`;
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
