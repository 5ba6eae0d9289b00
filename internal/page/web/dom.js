// Building and changing the document. Text goes in as text, never as markup.

import { t } from "./lang.js";

// h makes an element: h("p", {class: "doc"}, "text", otherNode). A property
// "on" holds listeners, "data" the data attributes; true is an empty
// attribute; false, null and undefined are none.
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(node.dataset, value);
    } else if (value === true) {
      node.setAttribute(name, "");
    } else if (value !== false && value != null) {
      node.setAttribute(name, value);
    }
  }
  add(node, children);
  return node;
}

// put puts other children into an element.
export function put(node, ...children) {
  node.replaceChildren();
  add(node, children);
}

function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child != null && child !== false && child !== "") node.append(child);
  }
}

// say sets a text where it changed, so that nothing flickers or is read twice.
export function say(node, text) {
  const value = text ?? "";
  if (node.textContent !== value) node.textContent = value;
}

// sayOrHide hides an element that has nothing to say.
export function sayOrHide(node, text) {
  say(node, text);
  node.hidden = !text;
}

// fill puts other children into an element where what they show has changed.
// The focus stays on the control of the same data-focus, or goes to the
// element itself when that control is gone.
export function fill(node, key, make) {
  const now = JSON.stringify(key);
  if (node.filledWith === now) return false;
  node.filledWith = now;
  const inside = node.contains(document.activeElement);
  const focus = inside && document.activeElement.dataset.focus;
  put(node, make());
  if (inside) {
    const again = focus && [...node.querySelectorAll("[data-focus]")].find((e) => e.dataset.focus === focus && !e.disabled);
    const target = again || node.closest("section")?.querySelector("h1, h2") || document.getElementById("main");
    if (!again) target.tabIndex = -1;
    target.focus({ preventScroll: true });
  }
  return true;
}

// picture turns the SVG of the server into an element. What could act or
// fetch is left out, whoever wrote it.
export function picture(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  const root = parsed.documentElement;
  if (root.localName !== "svg" || parsed.querySelector("parsererror")) return h("p", {}, t("The picture could not be read."));
  for (const node of [root, ...root.querySelectorAll("*")]) {
    if (/^(script|style|foreignObject|iframe|a|use|image|animate|set)$/i.test(node.localName)) {
      node.remove();
      continue;
    }
    for (const { name } of [...node.attributes]) {
      if (/^on|href$|^style$|^src$/i.test(name)) node.removeAttribute(name);
    }
  }
  root.setAttribute("focusable", "false");
  return document.adoptNode(root);
}

let ids = 0;

// id names an element for labels and descriptions.
export const id = (stem = "e") => `${stem}-${++ids}`;

// row is a block of the page: its heading in the margin, its content beside.
export function row(title, ...content) {
  return h("section", { class: "row" }, h("h2", {}, title), h("div", { class: "body" }, content));
}

// button makes a button; action may return a promise, during which it waits.
export function button(text, action, props = {}) {
  const b = h("button", { type: "button", ...props }, text);
  b.addEventListener("click", async () => {
    if (b.getAttribute("aria-disabled") === "true") return;
    b.setAttribute("aria-disabled", "true"); // not disabled: that would lose the focus
    try {
      await action(b);
    } finally {
      b.removeAttribute("aria-disabled");
    }
  });
  return b;
}

// choice is a group of buttons of which one is pressed.
export function choice(label, options, chosen, pick) {
  const buttons = options.map(([value, text]) =>
    h("button", { type: "button", "aria-pressed": String(value === chosen), on: { click: () => choose(value) } }, text));
  function choose(value) {
    buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(options[i][0] === value)));
    pick(value);
  }
  return h("div", { class: "choice", role: "group", "aria-label": label }, buttons);
}
