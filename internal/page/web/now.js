// Now: the value, what is wrong, what waits for an answer, and the trace.

import { act } from "./api.js";
import { carers } from "./carers.js";
import { button, fill, h, row, say, sayOrHide } from "./dom.js";
import { ago, capital, clock, minutes, moment, percent, span } from "./format.js";
import { wanted } from "./settings.js";
import { Trace } from "./trace.js";

export function mount(root, live) {
  const person = h("h1", {}, "Now");
  const number = h("span", { class: "number" });
  const arrow = h("span", { class: "arrow", "aria-hidden": "true" });
  const unit = h("span", { class: "unit" });
  const plate = h("div", { class: "plate" }, h("p", { class: "figures" }, number, " ", arrow), h("p", { class: "foot" }, unit));
  const meaning = h("p", { class: "meaning" });
  const delta = h("p", { class: "delta" });
  const age = h("p", { class: "age" });
  const people = h("div", { class: "others" });
  const answer = h("p", { class: "answer", role: "status" });
  const alarms = h("div", { class: "alarms", hidden: true });
  const fault = h("section", { class: "fault", "aria-labelledby": "fault", hidden: true });
  const trouble = h("p", { class: "trouble" });
  const trace = new Trace();
  const today = h("p");
  const night = h("p");
  const bedtime = h("p");
  const snoozes = h("div");
  const rows = { today: row("Today", today), night: row("Last night", night), bedtime: row("Tonight", bedtime), snoozes: row("Snoozed", snoozes), trace: row("Trace", trace.element) };

  let ahead = false; // the choices of snoozes are open

  // tell does what a button says, and says how it went.
  const tell = async (work) => {
    say(answer, "");
    try {
      const done = await work();
      say(answer, done?.text ?? "");
    } catch (err) {
      say(answer, err.text ?? "That did not work. Reload this page.");
    }
  };

  const duty = carers(live, tell);

  root.append(
    person,
    h("div", { class: "value" }, plate, h("div", { class: "words" }, meaning, delta, age)),
    duty.off, alarms, fault, trouble, answer, people,
    rows.trace, rows.today, rows.night, rows.bedtime, rows.snoozes, duty.once, duty.duty);

  function update(s) {
    const r = s.reading;
    const stale = live.stale;
    say(person, s.person?.name || "Now");
    plate.dataset.range = !r ? "none" : stale ? "stale" : r.range;
    say(number, r ? r.text : "—");
    say(arrow, r && !stale ? r.arrow : "");
    say(unit, foot(s, stale));
    say(meaning, r ? (stale ? oldWords() : words(r)) : "");
    say(delta, s.delta && !stale ? `${s.delta.text} ${s.unit} in ${minutes(s.delta.minutes)}` : "");
    say(age, r ? `${stale ? "Measured" : capital(ago(live.ageSeconds)) + ","} at ${moment(r.t, live.now())}` : "");
    others(s);
    standing(s);
    wrong(s);
    sayOrHide(trouble, s.trouble);
    showRow(rows.today, today, day(s));
    showRow(rows.night, night, s.night);
    showRow(rows.bedtime, bedtime, s.bedtime);
    held(s);
    duty.update(s);
    if (s.person) trace.follow(s, live);
    rows.trace.hidden = !s.person;
  }

  const oldWords = () => `Not current: ${span(live.ageSeconds)} old`;

  function others(s) {
    const list = s.people?.filter((p) => !p.chosen) ?? [];
    people.hidden = list.length === 0;
    const old = live.gone || live.quiet; // the others' values carry no time to grow old by
    fill(people, [list, old], () => h("ul", {}, list.map((p) => h("li", {}, h("b", {}, p.name), " ", (!old && p.text) || "no current value", " ",
      button("Show", () => tell(() => act("follow", { key: p.id })), { "aria-label": `Show ${p.name}`, "data-focus": `show ${p.id}` })))));
    people.classList.toggle("old", old);
  }

  function standing(s) {
    const waiting = s.alarms ?? (s.alarm ? [s.alarm] : []);
    alarms.hidden = waiting.length === 0;
    fill(alarms, [waiting, s.snoozable, live.gone], () => waiting.map((a) => waits(a, s.snoozable ?? [])));
  }

  // waits is an alarm with the ways to answer it. One without a label is a low
  // that was seen, and may still be treated.
  function waits(a, snoozable) {
    const of = { key: a.kind, person: a.person };
    const mark = `${a.person ?? ""} ${a.kind}`;
    const whose = a.name ? `${a.name}: ` : "";
    const name = a.label || "Low";
    const lengths = a.label ? snoozable.find((k) => k.kind === a.kind && k.person === a.person)?.minutes : null;
    return h("article", { class: "standing" },
      h("h2", {}, whose, a.label ? `${a.label}: waits for your answer` : "Low, seen"),
      !live.gone && h("div", { class: "buttons" },
        a.label && button("Seen", () => tell(() => act("seen", of)), { "data-focus": `seen ${mark}`, class: "main" }),
        a.treatable && button("Treated", () => tell(() => act("treated", of)), { "data-focus": `treated ${mark}` }),
        lengths?.length > 0 && h("span", { class: "lengths", role: "group", "aria-label": `Snooze ${whose}${name.toLowerCase()}` },
          h("span", {}, "Snooze for "),
          lengths.map((m) => button(minutes(m), () => tell(() => act("snooze", { ...of, minutes: m })), { "data-focus": `snooze ${mark} ${m}` })))),
      !live.gone && a.treatable && h("p", { class: "doc" }, "Treated is quiet for 15 minutes, and sounds again if it has not risen."));
  }

  function wrong(s) {
    const f = s.fault;
    fault.hidden = !f;
    fill(fault, f, () => f && [
      h("h2", { id: "fault" }, f.message),
      hintOf(f) && h("p", {}, hintOf(f)),
      Date.parse(f.since) > 0 && h("p", { class: "doc" }, `Since ${moment(f.since, live.now())}.`),
      h("div", { class: "buttons" }, f.action === "sign_in"
        ? h("a", { class: "button", href: "#signin", "data-focus": "signin", on: { click: () => { wanted.account = f.account ?? "first"; } } }, "Sign in")
        : button("Try again now", () => tell(() => act("refresh")), { "data-focus": "again" })),
    ]);
  }

  function held(s) {
    const on = s.snoozes ?? [];
    const offers = s.snoozable ?? [];
    rows.snoozes.hidden = !s.person;
    fill(snoozes, [on, offers], () => [
      on.length === 0 && h("p", {}, "No alarm is snoozed."),
      on.length > 0 && h("ul", { class: "snoozes" }, on.map((z) => h("li", {},
        h("span", {}, h("b", {}, whose(z)), ` until ${clock(z.until)}, `, h("span", { class: "left", "data-until": z.until })), " ",
        button("Take back", () => tell(() => act("unsnooze", { key: z.kind, person: z.person })), { "data-focus": `back ${z.person ?? ""} ${z.kind}`, "aria-label": `Take back the snooze of ${whose(z)}` })))),
      offers.length > 0 && h("details", { open: ahead, on: { toggle: (e) => { ahead = e.target.open; } } },
        h("summary", { "data-focus": "ahead" }, "Snooze an alarm ahead"),
        h("p", { class: "doc" }, "A worse alarm always breaks through."),
        offers.map((k) => h("div", { class: "lengths", role: "group", "aria-label": `Snooze ${whose(k)}` }, h("span", {}, whose(k)),
          k.minutes.map((m) => button(minutes(m), () => tell(() => act("snooze", { key: k.kind, person: k.person, minutes: m })), { "data-focus": `ahead ${k.person ?? ""} ${k.kind} ${m}` }))))),
    ]);
    for (const left of snoozes.querySelectorAll(".left")) {
      const seconds = (Date.parse(left.dataset.until) - live.now()) / 1000;
      say(left, seconds > 0 ? `${span(seconds + 59)} left` : "over");
    }
  }

  return { update, show: () => trace.again() };
}

// foot is the line on the plate below the number; an urgent range is told
// there too, where it cannot be missed.
function foot(s, stale) {
  if (!s.reading) return "no value yet";
  if (stale) return "not current";
  return s.reading.range.startsWith("urgent") ? `${s.unit} · ${s.reading.range_words}` : s.unit;
}

// hintOf is what to do. Where the button beside it does it, nobody needs to be
// told of the menu or of a command.
function hintOf(f) {
  if (f.kind === "signed_out") return "";
  return f.action === "sign_in" ? f.hint?.replace(/(,? or run)?: llutray login( --account \S+?)?\.?$/, ".") : f.hint;
}

// whose names an alarm, with its person where that is not plain.
const whose = (a) => (a.name ? `${a.name}: ${a.label}` : a.label);

function showRow(element, text, words) {
  element.hidden = !words;
  say(text, words);
}

function words(r) {
  return [capital(r.range_words), r.trend === "unknown" ? "" : r.trend_words].filter(Boolean).join(", ");
}

function day(s) {
  const t = s.today;
  if (!t?.known) return "";
  const parts = [`${percent(t.in_range)} in range`, `${percent(t.below)} below`, `${percent(t.above)} above`];
  return `${parts.join(" · ")} · from ${t.lowest} to ${t.highest} ${s.unit}`;
}
