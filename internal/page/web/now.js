// Now: the value, what is wrong, what waits for an answer, and the trace.

import { act } from "./api.js";
import { carers } from "./carers.js";
import { button, fill, h, row, say, sayOrHide } from "./dom.js";
import { ago, clock, minutes, moment, percent, span } from "./format.js";
import { c, capital, small, t } from "./lang.js";
import { wanted } from "./settings.js";
import { Trace } from "./trace.js";

export function mount(root, live) {
  const person = h("h1", {}, t("Now"));
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
  const rows = { today: row(t("Today"), today), night: row(t("Last night"), night), bedtime: row(t("Tonight"), bedtime), snoozes: row(t("Snoozed"), snoozes), trace: row(t("Trace"), trace.element) };

  let ahead = false; // the choices of snoozes are open

  // tell does what a button says, and says how it went.
  const tell = async (work) => {
    say(answer, "");
    try {
      const done = await work();
      say(answer, done?.text ?? "");
    } catch (err) {
      say(answer, err.text ?? t("That did not work. Reload this page."));
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
    say(person, s.person?.name || t("Now"));
    plate.dataset.range = !r ? "none" : stale ? "stale" : r.range;
    say(number, r ? r.text : "—");
    say(arrow, r && !stale ? r.arrow : "");
    say(unit, foot(s, stale));
    say(meaning, r ? (stale ? oldWords() : words(r)) : "");
    say(delta, s.delta && !stale ? t("%s %s in %s", s.delta.text, s.unit, minutes(s.delta.minutes)) : "");
    say(age, r ? aged(moment(r.t, live.now()), stale) : "");
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

  const oldWords = () => t("Not current: %s old", span(live.ageSeconds));
  const aged = (at, stale) => (stale ? t("Measured at %s", at) : capital(t("%s, at %s", ago(live.ageSeconds), at)));

  function others(s) {
    const list = s.people?.filter((p) => !p.chosen) ?? [];
    people.hidden = list.length === 0;
    const old = live.gone || live.quiet; // the others' values carry no time to grow old by
    fill(people, [list, old], () => h("ul", {}, list.map((p) => h("li", {}, h("b", {}, p.name), " ", (!old && p.text) || t("no current value"), " ",
      button(t("Show"), () => tell(() => act("follow", { key: p.id })), { "aria-label": t("Show %s", p.name), "data-focus": `show ${p.id}` })))));
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
    const name = a.label || t("Low");
    const lengths = a.label ? snoozable.find((k) => k.kind === a.kind && k.person === a.person)?.minutes : null;
    return h("article", { class: "standing" },
      h("h2", {}, whose, a.label ? t("%s: waits for your answer", a.label) : t("Low, seen")),
      !live.gone && h("div", { class: "buttons" },
        a.label && button(t("Seen"), () => tell(() => act("seen", of)), { "data-focus": `seen ${mark}`, class: "main" }),
        a.treatable && button(t("Treated"), () => tell(() => act("treated", of)), { "data-focus": `treated ${mark}` }),
        lengths?.length > 0 && h("span", { class: "lengths", role: "group", "aria-label": t("Snooze %s", whose + small(name)) },
          h("span", {}, t("Snooze for"), " "),
          lengths.map((m) => button(minutes(m), () => tell(() => act("snooze", { ...of, minutes: m })), { "data-focus": `snooze ${mark} ${m}` })))),
      !live.gone && a.treatable && h("p", { class: "doc" }, t("Treated is quiet for 15 minutes, and sounds again if it has not risen.")));
  }

  function wrong(s) {
    const f = s.fault;
    fault.hidden = !f;
    fill(fault, f, () => f && [
      h("h2", { id: "fault" }, f.message),
      hintOf(f) && h("p", {}, hintOf(f)),
      Date.parse(f.since) > 0 && h("p", { class: "doc" }, t("Since %s.", moment(f.since, live.now()))),
      h("div", { class: "buttons" }, f.action === "sign_in"
        ? h("a", { class: "button", href: "#signin", "data-focus": "signin", on: { click: () => { wanted.account = f.account ?? "first"; } } }, t("Sign in"))
        : button(t("Try again now"), () => tell(() => act("refresh")), { "data-focus": "again" })),
    ]);
  }

  function held(s) {
    const on = s.snoozes ?? [];
    const offers = s.snoozable ?? [];
    rows.snoozes.hidden = !s.person;
    fill(snoozes, [on, offers], () => [
      on.length === 0 && h("p", {}, t("No alarm is snoozed.")),
      on.length > 0 && h("ul", { class: "snoozes" }, on.map((z) => h("li", {},
        h("span", {}, t("%s until %s, %s", h("b", {}, whose(z)), clock(z.until), h("span", { class: "left", "data-until": z.until }))), " ",
        button(t("Take back"), () => tell(() => act("unsnooze", { key: z.kind, person: z.person })), { "data-focus": `back ${z.person ?? ""} ${z.kind}`, "aria-label": t("Take back the snooze of %s", whose(z)) })))),
      offers.length > 0 && h("details", { open: ahead, on: { toggle: (e) => { ahead = e.target.open; } } },
        h("summary", { "data-focus": "ahead" }, t("Snooze an alarm ahead")),
        h("p", { class: "doc" }, t("A worse alarm always breaks through.")),
        offers.map((k) => h("div", { class: "lengths", role: "group", "aria-label": t("Snooze %s", whose(k)) }, h("span", {}, whose(k)),
          k.minutes.map((m) => button(minutes(m), () => tell(() => act("snooze", { key: k.kind, person: k.person, minutes: m })), { "data-focus": `ahead ${k.person ?? ""} ${k.kind} ${m}` }))))),
    ]);
    for (const left of snoozes.querySelectorAll(".left")) {
      const seconds = (Date.parse(left.dataset.until) - live.now()) / 1000;
      say(left, seconds > 0 ? t("%s left", span(seconds + 59)) : c("snooze", "over"));
    }
  }

  return { update, show: () => trace.again() };
}

// foot is the line on the plate below the number; an urgent range is told
// there too, where it cannot be missed.
function foot(s, stale) {
  if (!s.reading) return t("no value yet");
  if (stale) return t("not current");
  return s.reading.range.startsWith("urgent") ? `${s.unit} · ${s.reading.range_words}` : s.unit;
}

// command is "llutray login" at the end of a hint in any language, with the few
// words before it that offer it as another way.
const command = /(?:[;,]\s*(?:\S+\s+){0,2}\S+)?\s*:\s*llutray login(?: --account \S+?)?\.?$/;

// hintOf is what to do. Where the button beside it does it, nobody needs to be
// told of the menu or of a command.
function hintOf(f) {
  if (f.kind === "signed_out") return "";
  return f.action === "sign_in" ? f.hint?.replace(command, ".") : f.hint;
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
  const d = s.today;
  if (!d?.known) return "";
  return [
    t("%s in range", percent(d.in_range)), t("%s below", percent(d.below)), t("%s above", percent(d.above)),
    t("from %s to %s %s", d.lowest, d.highest, s.unit),
  ].join(" · ");
}
