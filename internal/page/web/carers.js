// Carers: handing over, and being told once.

import { act } from "./api.js";
import { button, fill, h, id, row } from "./dom.js";
import { clock, minutes, moment, pointed } from "./format.js";
import { t } from "./lang.js";

// carers makes the two blocks. tell does what a button says and says how it
// went.
export function carers(live, tell) {
  const off = h("div", { class: "off", hidden: true });
  const wishes = h("div");
  const choices = h("div");
  const number = h("input", { id: id("value"), type: "text", inputmode: "decimal", size: "6", autocomplete: "off" });
  const label = h("label", { for: number.id });
  const ask = (side) => button("", () => tell(() => act("tell", { key: `${side} ${pointed(number.value)}`, person: live.state?.person?.id ?? "" })), { "data-focus": `tell ${side}` });
  const above = ask("above");
  const below = ask("below");
  above.textContent = t("When it rises above");
  below.textContent = t("When it falls below");
  const form = h("div", { class: "lengths" }, label, number, above, below);
  const once = row(t("Tell me once"), wishes, form, h("p", { class: "doc" }, t("One soft message, within 24 hours. Quiet hours do not hold it back.")));
  const duty = row(t("Hand over"), choices);
  once.classList.add("once");
  duty.classList.add("hand-over");

  function update(s) {
    const on = s.off_duty ?? [];
    off.hidden = on.length === 0;
    fill(off, [on, live.gone], () => on.map((o) => h("section", { class: "fault" }, h("p", {}, o.text),
      !live.gone && h("div", { class: "buttons" }, button(o.name ? t("Back on duty for %s", o.name) : t("I'm back on duty"), () => tell(() => act("on", { person: o.person })), { "data-focus": `on ${o.person}` })))));

    once.hidden = !s.person;
    const named = (s.people?.length ?? 0) > 1 ? s.person?.name : "";
    label.textContent = named ? t("%s, value in %s", named, s.unit) : t("Value in %s", s.unit);
    const passings = s.passings ?? [];
    fill(wishes, passings, () => passings.length > 0 && h("ul", { class: "snoozes" }, passings.map((p) => h("li", {},
      h("span", {}, wish(p, moment(p.until, live.now())), " "),
      button(t("Take back"), () => tell(() => act("untell", { key: p.key, person: p.person })), { "data-focus": `untell ${p.person} ${p.key}`, "aria-label": t("Take back: %s", `${p.name} ${p.text}`.trim()) })))));

    duty.hidden = !s.person;
    const people = (s.people?.length ?? 0) > 1 ? s.people : [];
    fill(choices, [clock(s.off_next), people.map((p) => [p.id, p.name])], () => [
      h("p", { class: "doc" }, t("Another carer is on: this computer keeps to an urgent low that lasts, and to an hour without data. It does not tell the other computer.")),
      offer("", t("I'm off duty"), s),
      people.map((p) => offer(p.id, t("Off duty for %s", p.name), s)),
    ]);
  }

  const offer = (person, text, s) => h("div", { class: "lengths", role: "group", "aria-label": text }, h("span", {}, text),
    [[0, t("until %s", clock(s.off_next))], [120, minutes(120)], [480, minutes(480)]].map(([m, words]) =>
      button(words, () => tell(() => act("off", { person, minutes: m })), { "data-focus": `off ${person} ${m}` })));

  return { off, once, duty, update };
}

const wish = (p, until) => (p.name ? t("When %s %s, until %s", p.name, p.text, until) : t("When it %s, until %s", p.text, until));
