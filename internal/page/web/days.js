// Days: day by day, each a strip with its figures.

import { get } from "./api.js";
import { button, choice, h, picture, say } from "./dom.js";
import { day, days as inDays, percent } from "./format.js";
import { t } from "./lang.js";

export function mount(root, live) {
  const list = h("div", { class: "strips" });
  const note = h("p", { role: "status", class: "note" });
  const more = button(t("Earlier days"), () => load(true), { class: "more", hidden: true });
  let count = 7;
  let oldest = "";
  let request = null;

  root.append(
    h("h1", {}, t("Day by day")),
    choice(t("How many days"), [7, 14, 30].map(inDays), count, (n) => {
      count = n;
      load();
    }),
    note, list, more);

  async function load(further = false) {
    request?.abort();
    const mine = (request = new AbortController());
    say(note, "");
    try {
      const width = Math.min(1200, Math.max(320, list.clientWidth));
      const answer = await get("/api/days", { days: count, until: further ? before(oldest) : "", width }, mine.signal);
      const strips = answer.days.map(strip);
      if (further) list.append(...strips);
      else list.replaceChildren(...strips);
      oldest = answer.days.at(-1)?.date ?? oldest;
      more.hidden = answer.days.length === 0;
      if (answer.days.length === 0) say(note, further ? t("There is nothing older.") : t("There are no days yet. They come as llutray follows, or with: llutray import FILE"));
      if (further && strips.length) focus(strips[0].querySelector("h2"));
    } catch (err) {
      if (err.name !== "AbortError") say(note, err.text ?? String(err));
    }
  }

  function strip(d) {
    const m = d.summary;
    return h("article", { class: "strip" },
      h("h2", {}, day(d.date)),
      h("p", { class: "figures" }, !m?.count ? t("Too few values to speak of.") : [
        t("%s in range", h("b", {}, percent(m.in_range))), " · ", t("%s below", percent(m.below)), " · ", t("%s above", percent(m.above)), " · ",
        t("mean %s %s", m.mean_text, live.state?.unit ?? ""),
        m.active_percent < 70 && h("span", { class: "doc" }, " · ", t("values for %s of the day", percent(m.active_percent))),
      ]),
      picture(d.svg));
  }

  return { show: () => load(), redraw: () => load() };
}

function focus(element) {
  element.tabIndex = -1;
  element.focus();
}

function before(date) {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}
