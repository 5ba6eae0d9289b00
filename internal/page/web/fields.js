// A control for each type of setting.

import { h } from "./dom.js";
import { decimal, level, minutesOf, pointed } from "./format.js";
import { t } from "./lang.js";
import { choicesOf, optionOf } from "./words.js";

export const stepOf = (unit) => (unit === "mg/dL" ? 1 : 0.1);

// limitValue is a limit in its unit. One that is no round number in mmol/L is
// kept in mg/dL, as its size tells: none can be 35 mmol/L.
export function limitValue(k) {
  const n = Number.parseFloat(k.value);
  if (k.unit === "mg/dL") return String(n);
  return n >= 35 ? level(n, k.unit) : n.toFixed(1);
}

export const limitText = (k) => decimal(limitValue(k));

// field makes the control of a setting: an element, and what it holds as the
// program reads it.
export function field(k, id, describedBy) {
  const common = { id, "aria-describedby": describedBy, "data-focus": k.key };
  switch (k.type) {
    case "flag": {
      const box = h("input", { ...common, type: "checkbox" });
      box.checked = k.value === "true";
      return { element: box, read: () => String(box.checked) };
    }
    case "word": {
      const select = h("select", common, k.options.map((o, i) => h("option", { value: o }, k.names?.[i] || optionOf(o))));
      select.value = k.value;
      return { element: select, read: () => select.value };
    }
    case "limit":
      return limit(k, common);
    case "duration": {
      const made = duration(k, common);
      if (made) return made;
    }
  }
  const list = choicesOf(k);
  if (list) return choices(k, list, common);
  const time = /^\d\d:\d\d$/.test(k.value);
  const input = h("input", { ...common, type: time ? "time" : "text", autocomplete: "off", spellcheck: "false" });
  input.value = k.value;
  return { element: input, read: () => input.value.trim() };
}

function limit(k, common) {
  // No field for numbers: which point or comma that takes is the browser's.
  const input = h("input", { ...common, class: "value-of", type: "text", inputmode: "decimal", autocomplete: "off" });
  input.value = Number.isNaN(Number.parseFloat(k.value)) ? "" : limitText(k);
  input.addEventListener("keydown", (e) => {
    const way = { ArrowUp: 1, ArrowDown: -1 }[e.key];
    const now = Number.parseFloat(pointed(input.value));
    if (!way || Number.isNaN(now)) return;
    e.preventDefault();
    const next = Math.min(k.max, Math.max(k.min, now + way * stepOf(k.unit)));
    input.value = decimal(next.toFixed(k.unit === "mg/dL" ? 0 : 1));
    input.dispatchEvent(new Event("change"));
  });
  // An empty field is the word that stands for no number, where there is one.
  const none = k.options?.[0] ?? "";
  if (none) input.placeholder = optionOf(none);
  return {
    element: h("span", { class: "with-unit" }, input, ` ${k.unit}`),
    control: input,
    read: () => (input.value.trim() === "" ? none : `${pointed(input.value)} ${k.unit}`),
  };
}

// choices is a list of words as boxes to tick.
function choices(k, { words, all }, common) {
  const chosen = new Set(k.value.split(/[\s,]+/));
  const boxes = words.map(([word, name], i) => {
    const box = h("input", { type: "checkbox", value: word, id: `${common.id}-${i}`, "data-focus": `${k.key} ${word}` });
    box.checked = chosen.has(word) || (all !== "" && k.value === all);
    return { box, name };
  });
  const read = () => {
    const on = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    return all !== "" && on.length === boxes.length ? all : on.join(" ");
  };
  const element = h("div", { class: "boxes", role: "group", "aria-describedby": common["aria-describedby"] },
    boxes.map(({ box, name }) => h("span", {}, box, " ", h("label", { for: box.id }, name))));
  return { element, group: true, read };
}

function duration(k, common) {
  const now = minutesOf(k.value);
  if (now == null) return null;
  const input = h("input", { ...common, type: "number", min: k.min ?? 0, max: k.max, step: 1, inputmode: "numeric" });
  input.value = now;
  return { element: h("span", { class: "with-unit" }, input, " ", t("minutes")), control: input, read: () => `${input.value}m` };
}
