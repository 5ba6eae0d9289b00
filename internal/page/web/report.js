// Report: the profile of the day over some weeks, its goals and figures.

import { get } from "./api.js";
import { choice, h, picture, put, row, say } from "./dom.js";
import { days as inDays, decimal, level, percent, share, shortDay, tenths } from "./format.js";
import { c, capital, n, t } from "./lang.js";

export function mount(root, live) {
  const note = h("p", { role: "status", class: "note" });
  const content = h("div");
  const name = h("input", { type: "checkbox", id: "with-name", on: { change: link } });
  const open = h("a", { class: "button main", target: "_blank", rel: "noopener" }, t("Open the printable report"));
  const clinic = row(t("For the clinic"),
    h("p", {}, open),
    h("p", { class: "check" }, name, " ", h("label", { for: "with-name" }, t("Write the name of the person on it"))),
    h("p", { class: "doc" }, t("It opens as a page of its own, to be printed or saved. Nothing is sent anywhere.")));
  let days = 14;
  let request = null;

  root.append(
    h("h1", {}, t("Report")),
    choice(t("Time"), [7, 14, 30, 90].map(inDays), days, (chosen) => {
      days = chosen;
      load();
    }),
    note, content,
    clinic);
  link();

  function link() {
    open.href = `./report?days=${days}${name.checked ? "&name=1" : ""}`;
  }

  async function load() {
    link();
    request?.abort();
    const mine = (request = new AbortController());
    try {
      const width = Math.min(1200, Math.max(320, clinic.lastElementChild.clientWidth)); // of any row
      const answer = await get("/api/stats", { days, width }, mine.signal);
      say(note, "");
      put(content, show(answer));
    } catch (err) {
      if (err.name !== "AbortError") say(note, err.text ?? String(err));
    }
  }

  function show(a) {
    const unit = live.state?.unit ?? "mmol/L";
    const m = a.metrics;
    if (!m?.count) return [h("p", {}, a.why || t("There are no values in this time."))];
    return [
      h("p", { class: "doc" }, c("dates", "%s to %s", shortDay(a.from), shortDay(a.to))),
      !a.enough && h("p", { class: "trouble" }, a.why || t("There is too little data for a judgement.")),
      row(t("A usual day"), h("div", { class: "wide" }, picture(a.agp.svg)),
        h("p", { class: "doc" }, t("The line is the median: half of the days were above it, half below. The inner band holds half of all values, the outer one nine in ten."))),
      row(t("Goals"), h("div", { class: "goals" }, h("div", { class: "bar" }, picture(a.bar.svg)), goals(a.goals))),
      a.change && row(t("Compared"), h("p", {}, capital(a.change).replace(/\.?$/, "."))),
      row(t("Figures"), figures(m, a.previous, unit, a.days), episodes(a.episodes)),
    ];
  }

  return { show: load, redraw: load };
}

function goals(list) {
  return h("table", {},
    h("caption", { class: "unseen" }, t("Goals")),
    h("thead", {}, h("tr", {}, [t("Goal"), t("Target"), t("Now"), t("Met")].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, list.map((g) => h("tr", {},
      h("th", { scope: "row" }, g.name), h("td", {}, g.target.replace(" %", "\u00a0%")), h("td", {}, share(g.value)),
      h("td", { class: g.met === true ? "met" : g.met === false ? "unmet" : "" }, g.met === true ? t("✓ met") : g.met === false ? t("✗ not met") : t("not known"))))));
}

function figures(m, p, unit, days) {
  const rows = [
    [t("Mean"), (x) => `${x.mean_text} ${unit}`],
    [t("GMI"), (x) => (x.gmi == null ? t("too little data") : tenths(x.gmi))],
    [t("Variation (CV)"), (x) => tenths(x.cv)],
    [t("In range"), (x) => percent(x.in_range)],
    [t("Below range"), (x) => t("%s, of it %s urgent low", share(x.below), share(x.urgent_low))],
    [t("Above range"), (x) => t("%s, of it %s very high", share(x.above), share(x.urgent_high))],
    [t("Lowest and highest"), (x) => t("%s to %s %s", decimal(level(x.min, unit)), decimal(level(x.max, unit)), unit)],
    [t("Time with values"), (x) => percent(x.active_percent)],
  ];
  return h("table", { class: "figures" },
    h("caption", { class: "unseen" }, t("Figures, and those of the period before")),
    h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, n(days, "Last %d day", "Last %d days")), p && h("th", { scope: "col" }, n(days, "%d day before", "%d days before")))),
    h("tbody", {}, rows.map(([label, write]) => h("tr", {}, h("th", { scope: "row" }, label), h("td", {}, write(m)), p && h("td", {}, p.count ? write(p) : t("no values"))))));
}

function episodes(e) {
  if (!e) return null;
  const times = (count) => n(count, "once", "%d times");
  return h("p", {},
    t("Low %s, urgent low %s; high %s, very high %s.", times(e.low), times(e.very_low), times(e.high), times(e.very_high)), " ",
    t("An episode lasts at least a quarter of an hour."));
}
