// Alarms: the last night, the replay with other limits, and the log.

import { get } from "./api.js";
import { choice, h, picture, put, row, say, sayOrHide } from "./dom.js";
import { clock, days as inDays, moment } from "./format.js";
import { c, t } from "./lang.js";
import { Replay } from "./replay.js";

export function mount(root, live) {
  const sentence = h("p");
  const nightPicture = h("div", { class: "wide" });
  const nightAlarms = h("div");
  const logNote = h("p", { role: "status", class: "note" });
  const log = h("div", { class: "log" });
  const replay = new Replay(live);
  let days = 7;

  root.append(
    h("h1", {}, t("Alarms")),
    row(t("Last night"), sentence, nightPicture, nightAlarms),
    row(t("What if"), replay.element),
    row(t("Log"), choice(t("Days of the log"), [[1, t("Today")], ...[7, 30, 90].map(inDays)], days, (n) => {
      days = n;
      loadLog();
    }), logNote, log));

  async function loadNight() {
    try {
      const night = await get("/api/night", { width: Math.min(1200, Math.max(320, nightPicture.clientWidth)) });
      say(sentence, night.sentence || t("There are no values of last night."));
      put(nightPicture, night.svg && picture(night.svg));
      put(nightAlarms, night.alarms?.length > 0 && table(night.alarms, t("Alarms of last night"), live));
    } catch (err) {
      say(sentence, err.text ?? String(err));
    }
  }

  async function loadLog() {
    try {
      const { entries } = await get("/api/log", { days });
      sayOrHide(logNote, entries.length ? "" : t("No alarm was raised."));
      put(log, entries.length > 0 && table(entries, t("Log of the alarms"), live));
    } catch (err) {
      sayOrHide(logNote, err.text ?? String(err));
    }
  }

  let alarm;
  return {
    show() {
      loadNight();
      loadLog();
      replay.show();
    },
    redraw: loadNight,
    update(s) {
      replay.update(s);
      if (alarm !== undefined && alarm !== s.alarm?.kind) loadLog();
      alarm = s.alarm?.kind ?? null;
    },
  };
}

function table(entries, caption, live) {
  const people = new Set(entries.map((e) => e.person)).size > 1;
  return h("table", { class: "entries" },
    h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, [t("When"), t("Alarm"), t("Why"), t("Answer")].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, entries.map((e) => h("tr", { class: e.said ? "" : "silent" },
      h("td", {}, moment(e.time, live.now())),
      h("th", { scope: "row" }, e.label, e.value && ` ${e.value}`, people && h("span", { class: "doc" }, ` ${e.person}`)),
      h("td", {}, e.said ? e.reason : t("Not said: %s", e.reason)),
      h("td", {}, answer(e))))));
}

// when is the time of an answer, with its day only if it came much later.
const when = (e) => (Date.parse(e.answered_at) - Date.parse(e.time) < 12 * 3_600_000 ? clock(e.answered_at) : moment(e.answered_at));

function answer(e) {
  const parts = [];
  if (e.delivery) parts.push(e.delivery);
  if (e.answer) parts.push(e.answered_at ? t("%s at %s", e.answer, when(e)) : e.answer);
  return parts.join("; ") || (e.said ? c("answer", "not answered") : "");
}
