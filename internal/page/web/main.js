// The page: its views by the part of the address after #, the header, the tab,
// and what is said aloud.

import { Live } from "./live.js";
import { h, say, sayOrHide } from "./dom.js";
import { ago, clock, moment, shortDay, span } from "./format.js";
import { c, code, locale, t } from "./lang.js";
import * as now from "./now.js";
import * as days from "./days.js";
import * as report from "./report.js";
import * as alarms from "./alarms.js";
import * as settings from "./settings.js";
import * as signin from "./signin.js";
import * as about from "./about.js";

const views = { now, days, report, alarms, settings, signin, about };
const live = new Live();
const main = document.getElementById("main");
const shown = {}; // by name: the section of a view and what it does
let current = "";

// go shows the view that the address names. A view is built when it is first
// seen, and stays.
function go() {
  const wanted = location.hash.slice(1);
  const name = Object.hasOwn(views, wanted) ? wanted : "now";
  if (name === current) return;
  const moved = current !== "";
  current = name;
  if (!shown[name]) {
    const section = h("section", { id: name, class: `view ${name}` });
    main.append(section);
    shown[name] = { section, ...views[name].mount(section, live) };
  }
  for (const [other, view] of Object.entries(shown)) view.section.hidden = other !== name;
  for (const link of document.querySelectorAll("#nav a")) {
    const here = link.hash === `#${name}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  width = main.clientWidth;
  shown[name].show?.();
  update();
  if (moved) {
    scrollTo(0, 0);
    const title = shown[name].section.querySelector("h1");
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }
}

// anew drops the views of one person's past when another is shown: nothing of
// the one may be read as the other's.
function anew() {
  for (const name of ["days", "report", "alarms"]) {
    shown[name]?.section.remove();
    delete shown[name];
  }
  if (shown[current]) return;
  current = "";
  go();
}

let person; // whose state came last
const mini = document.getElementById("mini");
const lost = document.getElementById("lost");
const demo = document.getElementById("demo");

function update() {
  const s = live.state;
  if (s && (s.lang !== locale || document.documentElement.lang !== code) && !typing()) {
    location.reload(); // the language was changed, perhaps while the page was on its way
    return;
  }
  document.documentElement.classList.toggle("gone", live.gone);
  sayOrHide(lost, live.gone ? lostWords() : "");
  if (!s) return;
  demo.hidden = !s.demo;
  const before = person;
  person = s.person?.id ?? "";
  if (before !== undefined && before !== person) anew();
  const r = s.reading;
  const stale = live.stale;
  document.title = title(s, stale);
  mini.hidden = current === "now" || current === "signin" || !r;
  if (r) {
    mini.dataset.range = stale ? "stale" : r.range;
    say(mini.firstElementChild, stale ? r.text : `${r.text} ${r.arrow ?? ""}`.trim());
    const name = s.people?.length > 1 && s.person?.name ? `${s.person.name}: ` : "";
    say(mini.lastElementChild, name + (stale ? t("not current: %s old", span(live.ageSeconds)) : `${r.range_words}, ${ago(live.ageSeconds)}`));
  }
  shown[current]?.update?.(s);
  announce(s, stale);
}

// typing tells that something is being written that would be lost.
function typing() {
  return [...document.querySelectorAll("input:not([type=checkbox], [type=radio], [type=range])")]
    .some((e) => e.checkVisibility() && (e === document.activeElement || (e.type === "password" && e.value !== "")));
}

// title is what the tab says. A browser may show it long after it has put the
// page to sleep, so an old value is not in it; and whoever passes by reads it.
function title(s, stale) {
  const name = s.demo ? t("llutray demo") : "llutray";
  if (live.gone) return `${t("not live")} · ${name}`;
  if (!s.reading) return name;
  if (stale) return `${c("value", "old")} · ${name}`;
  if (s.discreet) return name;
  return `${s.reading.text} ${s.reading.arrow || "·"} ${name}`;
}

function lostWords() {
  if (live.ended === "session") return t("This page is from an earlier start of llutray; it is not live. Choose Open llutray from its menu again.");
  if (live.ended === "crowded") return t("This page is open too often; here it is not live. Close it elsewhere.");
  const last = live.state ? " " + t("Last news at %s.", moment(live.state.now, live.now())) : "";
  const back = live.ended === "bye" ? "" : " " + t("It becomes live again by itself when llutray does.");
  return t("llutray is not running any more; this page is not live.") + last + back;
}

const polite = document.getElementById("polite");
const urgent = document.getElementById("urgent");
const every = 5 * 60_000; // ms between two readings aloud in which nothing but the number changed
let told = { what: "", at: 0 };

// announce says the value to who listens: at once when its meaning changed,
// and now and then when only the number did. An urgent low interrupts.
function announce(s, stale) {
  const what = [s.reading?.range, s.reading?.trend, stale, live.gone, s.alarm?.kind, s.fault?.kind].join();
  const news = what !== told.what;
  const at = Date.now();
  if (!news && (at - told.at < every || s.reading?.t === told.reading)) return;
  told = { what, at, reading: s.reading?.t };
  if (live.gone) return; // the notice is an alert of its own
  const words = spoken(s, stale);
  const interrupts = !stale && s.reading?.range === "urgent_low";
  say(urgent, interrupts ? words : "");
  say(polite, interrupts ? "" : words);
}

function spoken(s, stale) {
  const parts = [];
  if (s.alarm) parts.push(t("Alarm: %s.", s.alarm.label));
  if (stale) parts.push(t("No current value. The last is %s old.", span(live.ageSeconds)));
  else if (s.reading) parts.push(s.spoken);
  if (s.fault) parts.push(s.fault.message);
  return parts.join(" ");
}

// Pictures are drawn for a width; the trace looks after its own.
let width = main.clientWidth;
let settling = 0;
new ResizeObserver(() => {
  clearTimeout(settling);
  settling = setTimeout(() => {
    if (Math.abs(main.clientWidth - width) < 24) return;
    width = main.clientWidth;
    shown[current].redraw?.();
  }, 150);
}).observe(main);

// Paper does not grow old by itself.
addEventListener("beforeprint", () => {
  say(document.getElementById("printed"), t("Printed on %s at %s. The values are of that time.", shortDay(live.now()), clock(live.now())));
});

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names the view
  main.focus();
});
addEventListener("hashchange", go);
live.addEventListener("tick", update);
live.addEventListener("change", () => {
  const first = !shown.signin && live.state && !live.state.signed_in && !live.state.demo;
  if (first && (location.hash === "" || location.hash === "#now")) {
    history.replaceState(null, "", "#signin"); // the first thing to do
    go();
    return;
  }
  update();
});
go();
live.start();
