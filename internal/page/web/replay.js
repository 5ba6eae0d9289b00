// What if the limits were others: the engine is run over the past with them,
// and they can be put in force.

import { get, post } from "./api.js";
import { button, choice, h, id, put, say } from "./dom.js";
import { days as inDays, decimal, moment } from "./format.js";
import { limitValue, stepOf } from "./fields.js";
import { n, t } from "./lang.js";

const keys = ["alarms.urgent_low.limit", "alarms.low.limit", "alarms.high.limit", "alarms.urgent_high.limit"];
const names = {
  "alarms.urgent_low.limit": t("Urgent low below"), "alarms.low.limit": t("Low below"),
  "alarms.high.limit": t("High above"), "alarms.urgent_high.limit": t("Urgent high above"),
};
const patience = 250; // ms after the last move of a slider

// heard is what to say while nothing is tried.
function heard(a) {
  return t("With your limits: %s in %s.", n(a.now, "%d alarm", "%d alarms"), n(a.days, "the last day", "the last %d days"));
}

export class Replay {
  #live;
  #days = 7;
  #limits = []; // {key, now, slider, output, unit}
  #timer = 0;
  #request = null;
  #inForce = "";

  constructor(live) {
    this.#live = live;
    this.sliders = h("div", { class: "sliders" });
    this.sentence = h("p", { class: "sentence", role: "status" });
    this.result = h("div");
    this.use = button(t("Use these limits"), () => this.#use(), { class: "main" });
    this.back = button(t("Back to mine"), () => this.#reset());
    this.done = h("p", { role: "status", class: "note" });
    this.element = h("div", { class: "replay" },
      h("p", { class: "doc" }, t("Move a limit to see which alarms you would have heard. Nothing changes before you say so.")),
      choice(t("Time"), [1, 7, 30].map(inDays), this.#days, (chosen) => {
        this.#days = chosen;
        this.#ask();
      }),
      this.sliders, this.sentence,
      h("div", { class: "buttons" }, this.use, this.back), this.done, this.result);
  }

  async show() {
    try {
      await this.#load();
      await this.#ask();
    } catch (err) {
      if (err.name !== "AbortError") say(this.sentence, err.text ?? String(err));
    }
  }

  // update takes over limits that were changed elsewhere, if nobody is trying
  // others here.
  update(s) {
    const force = JSON.stringify([s.unit, s.alarm_limits]);
    if (this.#inForce && this.#inForce !== force && !this.#changed().length && !this.sliders.contains(document.activeElement)) this.show();
    this.#inForce = force;
  }

  async #load() {
    const { sections } = await get("/api/settings");
    const all = sections.flatMap((s) => s.keys);
    this.#limits = [];
    const rows = [];
    for (const key of keys) {
      const k = this.#find(all, key);
      const on = this.#find(all, key.replace(".limit", ".on"));
      if (!k || k.type !== "limit" || on?.value === "false") continue;
      const now = limitValue(k);
      const field = id("limit");
      const output = h("output", { for: field });
      const slider = h("input", { type: "range", id: field, min: k.min, max: k.max, step: stepOf(k.unit), "data-key": k.key });
      slider.value = now;
      const limit = { key: k.key, now: slider.value, slider, output, unit: k.unit };
      slider.addEventListener("input", () => this.#moved(limit));
      this.#limits.push(limit);
      this.#show(limit);
      rows.push(h("div", { class: "slider" }, h("label", { for: field }, names[key]), slider, output));
    }
    put(this.sliders, rows);
    this.#buttons();
  }

  // find is a setting as it holds for the person followed: their own where
  // they have it, else everybody's.
  #find(all, key) {
    const own = this.#live.state?.person?.section;
    return all.find((k) => own && k.key === `people.${own}.${key}`) ?? all.find((k) => k.key === key);
  }

  // text is a limit as the program reads it.
  #text(l) {
    return `${Number(l.slider.value).toFixed(l.unit === "mg/dL" ? 0 : 1)} ${l.unit}`;
  }

  #show(l) {
    const text = decimal(this.#text(l));
    say(l.output, text);
    l.slider.setAttribute("aria-valuetext", text);
  }

  #changed() {
    return this.#limits.filter((l) => l.slider.value !== l.now);
  }

  #buttons() {
    const none = this.#changed().length === 0;
    this.use.hidden = this.back.hidden = none;
  }

  #moved(limit) {
    this.#show(limit);
    this.#buttons();
    say(this.done, "");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), patience);
  }

  async #ask() {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    try {
      const set = Object.fromEntries(this.#changed().map((l) => [l.key, this.#text(l)]));
      const answer = await post("/api/replay", { days: this.#days, set }, request.signal);
      say(this.sentence, this.#changed().length ? answer.sentence : heard(answer));
      put(this.result, this.#table(answer));
    } catch (err) {
      if (err.name !== "AbortError") say(this.sentence, err.text ?? String(err));
    }
  }

  #table(a) {
    if (!a.rows?.length) return null; // nothing was heard with either
    const where = { then: t("only with these"), now: t("only with yours"), both: t("with both") };
    return [
      h("table", { class: "rows" },
        h("caption", { class: "unseen" }, t("Alarms with your limits and with these")),
        h("thead", {}, h("tr", {}, [t("Alarm"), t("With yours"), t("With these")].map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, a.rows.map((r) => h("tr", {}, h("th", { scope: "row" }, r.label), h("td", {}, r.now), h("td", {}, r.then))),
          h("tr", { class: "sum" }, h("th", { scope: "row" }, t("All")), h("td", {}, a.now), h("td", {}, a.then)))),
      a.list?.length > 0 && h("details", {}, h("summary", {}, t("Each of them")),
        h("ul", {}, a.list.map((e) => h("li", {}, `${moment(e.time, this.#live.now())}: ${e.label} ${e.value ?? ""}, ${where[e.in] ?? ""}`)))),
    ];
  }

  async #use() {
    try {
      for (const l of this.#changed()) {
        await post("/api/settings", { key: l.key, value: this.#text(l) });
        l.now = l.slider.value;
      }
      this.done.tabIndex = -1;
      this.done.focus(); // the button goes
      say(this.done, t("These limits are in force."));
    } catch (err) {
      say(this.done, err.text ?? String(err));
    }
    this.#buttons();
    await this.#ask();
  }

  #reset() {
    for (const l of this.#limits) {
      l.slider.value = l.now;
      this.#show(l);
    }
    this.#limits[0]?.slider.focus();
    this.#buttons();
    return this.#ask();
  }
}
