// The trace of the last hours: the picture is the server's, the pointer's
// line and the words beside it are the page's.

import { get } from "./api.js";
import { choice, h, id, picture, put, say } from "./dom.js";
import { clock, minutes, moment } from "./format.js";
import { n, t } from "./lang.js";

const kept = "trace-hours"; // in the browser, so that the choice outlives the page
const spans = [3, 6, 12, 24].map((h) => [h, minutes(h * 60)]);

export class Trace {
  #hours = Number(localStorage.getItem(kept)) || 3;
  #data = null;
  #at = -1; // index of the point that is told, -1 for none
  #seen = ""; // what the picture was drawn for
  #request = null;
  #live = null;

  constructor() {
    if (!spans.some(([hours]) => hours === this.#hours)) this.#hours = 3;
    const help = id("help");
    this.summary = h("p", { class: "doc", id: id("summary") });
    this.canvas = h("div", { class: "canvas", "aria-hidden": "true" });
    this.line = h("div", { class: "cursor", hidden: true });
    this.dot = h("div", { class: "dot", hidden: true });
    this.readout = h("p", { class: "readout", "aria-hidden": "true" });
    this.said = h("p", { class: "unseen", role: "status" });
    this.box = h("div", {
      class: "trace", tabindex: "0", role: "application", "aria-roledescription": t("chart"),
      "aria-label": t("Trace of the values"), "aria-describedby": `${this.summary.id} ${help}`,
    }, this.canvas, this.line, this.dot);
    this.list = h("ul", { class: "marks" });
    this.listed = h("summary");
    this.events = h("details", { hidden: true }, this.listed, this.list);
    this.element = h("div", { class: "tracing" },
      h("div", { class: "above" }, choice(t("Hours"), spans, this.#hours, (hours) => this.#pick(hours)), this.readout),
      this.box, this.summary, this.events,
      h("p", { class: "doc keys", id: help }, t("Point at the trace, or move along it with the arrow keys, Home and End.")),
      this.said);
    this.box.addEventListener("keydown", (e) => this.#key(e));
    for (const event of ["pointermove", "pointerdown"]) this.box.addEventListener(event, (e) => this.#point(e));
    this.box.addEventListener("pointerleave", (e) => e.pointerType === "mouse" && this.box !== document.activeElement && this.#tell(-1));
    this.box.addEventListener("blur", () => this.#tell(-1));
    new ResizeObserver(() => this.#resized()).observe(this.box);
  }

  // follow draws again when there is something new to draw.
  follow(state, live) {
    this.#live = live;
    this.box.classList.toggle("old", live.stale);
    const minute = Math.floor(live.now() / 60_000);
    const what = [state.person?.id, state.reading?.t, minute, state.unit, JSON.stringify([state.limits, state.alarm_limits]), state.alarm?.kind, this.#hours, this.#width()].join();
    if (live.gone || what === this.#seen || this.#width() === 0) return;
    this.#seen = what;
    this.#draw();
  }

  // again draws with the next news, whatever it is.
  again() {
    this.#seen = "";
  }

  #width() {
    return Math.min(1200, Math.max(320, Math.floor(this.box.clientWidth))) * (this.box.clientWidth > 0);
  }

  #resized() {
    if (this.#live?.state) this.follow(this.#live.state, this.#live);
    this.#mark();
  }

  #pick(hours) {
    this.#hours = hours;
    localStorage.setItem(kept, hours);
    this.again();
    if (this.#live?.state) this.follow(this.#live.state, this.#live);
  }

  async #draw() {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    try {
      const data = await get("/api/trace", { hours: this.#hours, width: this.#width() }, request.signal);
      const told = this.#at >= 0 ? this.#data?.points[this.#at]?.t : null;
      const last = this.#at >= 0 && this.#at === this.#data?.points.length - 1;
      this.#data = data;
      put(this.canvas, picture(data.svg));
      say(this.summary, data.summary);
      this.#marks(data);
      // The point stays the one that was read, and the newest stays the newest.
      this.#at = told == null ? -1 : last ? data.points.length - 1 : nearest(data.points, Date.parse(told));
      this.#mark();
    } catch (err) {
      if (err.name === "AbortError") return;
      this.again();
      say(this.summary, err.text ?? t("The trace could not be drawn."));
    }
  }

  #marks(data) {
    const now = this.#live.now();
    const gaps = data.gaps ?? [];
    const alarms = data.alarms ?? [];
    const both = [
      alarms.length > 0 && n(alarms.length, "%d alarm", "%d alarms"),
      gaps.length > 0 && n(gaps.length, "%d gap", "%d gaps"),
    ].filter(Boolean);
    this.events.hidden = gaps.length + alarms.length === 0;
    say(this.listed, both.length > 1 ? t("%s and %s", ...both) : both[0]);
    put(this.list,
      alarms.map((a) => h("li", { class: "alarm" }, t("%s: alarm, %s", moment(a.t, now), a.text || a.label))),
      gaps.map((g) => h("li", { class: "gap" }, t("%s to %s: no values", moment(g.from, now), clock(g.to)))));
  }

  #key(event) {
    const points = this.#data?.points;
    if (!points?.length || event.ctrlKey || event.altKey || event.metaKey) return;
    const from = this.#at < 0 ? points.length - 1 : this.#at;
    const step = this.#at < 0 ? 0 : 1;
    const to = {
      ArrowLeft: from - step, ArrowRight: from + step, Home: 0, End: points.length - 1,
      PageUp: from - 15, PageDown: from + 15, Escape: -1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#tell(event.key === "Escape" ? -1 : Math.min(points.length - 1, Math.max(0, to)), true);
  }

  #point(event) {
    const d = this.#data;
    if (!d?.points.length) return;
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * d.plot.width;
    const share = (x - d.plot.left) / (d.plot.right - d.plot.left);
    const from = Date.parse(d.from);
    this.#tell(nearest(d.points, from + share * (Date.parse(d.to) - from)));
  }

  #tell(at, aloud = false) {
    this.#at = at;
    this.#mark();
    if (aloud) say(this.said, at < 0 ? "" : this.#words());
  }

  #words() {
    const p = this.#data.points[this.#at];
    const near = this.#data.alarms?.find((a) => Math.abs(Date.parse(a.t) - Date.parse(p.t)) < 60_000);
    return [`${moment(p.t, this.#live.now())}: ${p.text}`, rangeWords[p.range], near && t("alarm %s", near.label)].filter(Boolean).join(", ");
  }

  // mark puts the line on the point that is told.
  #mark() {
    const d = this.#data;
    const p = d?.points[this.#at];
    this.line.hidden = this.dot.hidden = !p;
    say(this.readout, p ? this.#words() : "");
    if (!p) return;
    const { plot, scale } = d;
    const from = Date.parse(d.from);
    const x = plot.left + ((Date.parse(p.t) - from) / (Date.parse(d.to) - from)) * (plot.right - plot.left);
    const share = Math.min(1, Math.max(0, (p.mgdl - scale.bottom) / (scale.top - scale.bottom)));
    const y = plot.bottom - share * (plot.bottom - plot.top);
    this.line.style.left = this.dot.style.left = `${(x / plot.width) * 100}%`;
    this.line.style.top = `${(plot.top / plot.height) * 100}%`;
    this.line.style.height = `${((plot.bottom - plot.top) / plot.height) * 100}%`;
    this.dot.style.top = `${(y / plot.height) * 100}%`;
  }
}

const rangeWords = { urgent_low: t("urgent low"), low: t("low"), in: t("in range"), high: t("high"), urgent_high: t("very high") };

// nearest is the index of the point nearest to an instant.
function nearest(points, t) {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Date.parse(points[middle].t) < t) low = middle + 1;
    else high = middle;
  }
  return low > 0 && t - Date.parse(points[low - 1].t) < Date.parse(points[low].t) - t ? low - 1 : low;
}
