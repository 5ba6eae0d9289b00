// Report: the profile of the day over some weeks, its goals and figures.

import { get } from "./api.js";
import { choice, h, picture, put, row, say } from "./dom.js";
import { capital, level, percent, share, shortDay } from "./format.js";

export function mount(root, live) {
  const note = h("p", { role: "status", class: "note" });
  const content = h("div");
  const name = h("input", { type: "checkbox", id: "with-name", on: { change: link } });
  const open = h("a", { class: "button main", target: "_blank", rel: "noopener" }, "Open the printable report");
  const clinic = row("For the clinic",
    h("p", {}, open),
    h("p", { class: "check" }, name, " ", h("label", { for: "with-name" }, "Write the name of the person on it")),
    h("p", { class: "doc" }, "It opens as a page of its own, to be printed or saved. Nothing is sent anywhere."));
  let days = 14;
  let request = null;

  root.append(
    h("h1", {}, "Report"),
    choice("Time", [[7, "7 days"], [14, "14 days"], [30, "30 days"], [90, "90 days"]], days, (n) => {
      days = n;
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
    if (!m?.count) return [h("p", {}, a.why || "There are no values in this time.")];
    return [
      h("p", { class: "doc" }, `${shortDay(a.from)} to ${shortDay(a.to)}`),
      !a.enough && h("p", { class: "trouble" }, a.why || "There is too little data for a judgement."),
      row("A usual day", h("div", { class: "wide" }, picture(a.agp.svg)),
        h("p", { class: "doc" }, "The line is the median: half of the days were above it, half below. The inner band holds half of all values, the outer one nine in ten.")),
      row("Goals", h("div", { class: "goals" }, h("div", { class: "bar" }, picture(a.bar.svg)), goals(a.goals))),
      a.change && row("Compared", h("p", {}, capital(a.change).replace(/\.?$/, "."))),
      row("Figures", figures(m, a.previous, unit, a.days), episodes(a.episodes)),
    ];
  }

  return { show: load, redraw: load };
}

function goals(list) {
  return h("table", {},
    h("caption", { class: "unseen" }, "Goals"),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Goal"), h("th", { scope: "col" }, "Target"), h("th", { scope: "col" }, "Now"), h("th", { scope: "col" }, "Met"))),
    h("tbody", {}, list.map((g) => h("tr", {},
      h("th", { scope: "row" }, g.name), h("td", {}, g.target.replace(" %", "\u00a0%")), h("td", {}, share(g.value)),
      h("td", { class: g.met === true ? "met" : g.met === false ? "unmet" : "" }, g.met === true ? "✓ met" : g.met === false ? "✗ not met" : "not known")))));
}

function figures(m, p, unit, days) {
  const rows = [
    ["Mean", (x) => `${x.mean_text} ${unit}`],
    ["GMI", (x) => (x.gmi == null ? "too little data" : `${x.gmi.toFixed(1)} %`)],
    ["Variation (CV)", (x) => `${x.cv.toFixed(1)} %`],
    ["In range", (x) => percent(x.in_range)],
    ["Below range", (x) => `${share(x.below)}, of it ${share(x.urgent_low)} urgent low`],
    ["Above range", (x) => `${share(x.above)}, of it ${share(x.urgent_high)} very high`],
    ["Lowest and highest", (x) => `${level(x.min, unit)} to ${level(x.max, unit)} ${unit}`],
    ["Time with values", (x) => percent(x.active_percent)],
  ];
  return h("table", { class: "figures" },
    h("caption", { class: "unseen" }, "Figures, and those of the period before"),
    h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, `Last ${days} days`), p && h("th", { scope: "col" }, `${days} days before`))),
    h("tbody", {}, rows.map(([label, write]) => h("tr", {}, h("th", { scope: "row" }, label), h("td", {}, write(m)), p && h("td", {}, p.count ? write(p) : "no values")))));
}

function episodes(e) {
  if (!e) return null;
  const times = (n) => (n === 1 ? "once" : `${n} times`);
  return h("p", {}, `Low ${times(e.low)}, urgent low ${times(e.very_low)}; high ${times(e.high)}, very high ${times(e.very_high)}. An episode lasts at least a quarter of an hour.`);
}
