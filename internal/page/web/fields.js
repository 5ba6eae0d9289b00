// A control for each type of setting.

import { h } from "./dom.js";
import { level } from "./format.js";
import { choicesOf, optionOf } from "./words.js";

export const stepOf = (unit) => (unit === "mg/dL" ? 1 : 0.1);

// limitValue is a limit in its unit. One that is no round number in mmol/L is
// kept in mg/dL, as its size tells: none can be 35 mmol/L.
export function limitValue(k) {
  const n = Number.parseFloat(k.value);
  if (k.unit === "mg/dL") return String(n);
  return n >= 35 ? level(n, k.unit) : n.toFixed(1);
}

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
  const input = h("input", { ...common, type: "number", min: k.min, max: k.max, step: stepOf(k.unit), inputmode: "decimal" });
  input.value = Number.isNaN(Number.parseFloat(k.value)) ? "" : limitValue(k);
  // An empty field is the word that stands for no number, where there is one.
  const none = k.options?.[0] ?? "";
  if (none) input.placeholder = none;
  return {
    element: h("span", { class: "with-unit" }, input, ` ${k.unit}`),
    control: input,
    read: () => (input.value === "" && !input.validity.badInput ? none : `${input.value} ${k.unit}`),
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

// minutesOf reads a duration such as 1h30m; null when it is none.
export function minutesOf(text) {
  const found = /^\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*$/.exec(text ?? "");
  if (!found || (found[1] == null && found[2] == null)) return /^\s*0/.test(text ?? "") ? 0 : null;
  return Number(found[1] ?? 0) * 60 + Number(found[2] ?? 0);
}

function duration(k, common) {
  const now = minutesOf(k.value);
  if (now == null) return null;
  const input = h("input", { ...common, type: "number", min: k.min ?? 0, max: k.max, step: 1, inputmode: "numeric" });
  input.value = now;
  return { element: h("span", { class: "with-unit" }, input, " minutes"), control: input, read: () => `${input.value}m` };
}
