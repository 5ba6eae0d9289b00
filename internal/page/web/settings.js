// Settings: the account, the people, this computer, and every key.

import { act, get, post } from "./api.js";
import { button, fill, h, id, row, say } from "./dom.js";
import { field, limitText } from "./fields.js";
import { decimal, minutes, minutesOf } from "./format.js";
import { t } from "./lang.js";
import { choicesOf, docOf, labelOf, optionOf, plain } from "./words.js";

export function mount(root) {
  const account = h("div");
  const people = h("div");
  const peopleRow = row(t("People"), people);
  const computer = thisComputer();
  const note = h("p", { role: "status", class: "note" });
  const broken = h("p", { class: "trouble", hidden: true });
  const search = h("input", { type: "search", id: "find", autocomplete: "off", on: { input: () => filter(all, search.value) } });
  const all = h("div");
  const file = h("p", { class: "doc" });

  root.append(
    h("h1", {}, t("Settings")), broken,
    row(t("Sign-in"), account), peopleRow, row(t("This computer"), computer.element),
    h("p", { class: "find" }, h("label", { for: "find" }, t("Find a setting")), " ", search),
    note, all, file);

  async function load() {
    try {
      const answer = await get("/api/settings");
      broken.hidden = !answer.error;
      say(broken, answer.error ? t("The settings file is not in force: %s", answer.error) : "");
      say(file, t("They are kept in %s. What you change here or there is in force at once.", answer.path));
      fill(all, answer.sections, () => (answer.sections ?? []).map((s) => section(s, load)));
      filter(all, search.value);
    } catch (err) {
      say(note, err.text ?? String(err));
    }
  }

  function update(s) {
    fill(account, [s.signed_in, s.demo, s.people?.length, s.accounts], () => (s.accounts ? s.accounts.map(oneOf) : signedIn(s)));
    peopleRow.hidden = !(s.people?.length > 1);
    fill(people, s.people?.map((p) => [p.id, p.name, p.chosen]), () => follow(s.people ?? []));
    computer.update(s);
  }

  return { show: load, update };
}

const called = (account) => (account === "first" ? t("First account") : t("Account %s", account));

// oneOf is the sign-in to one of several accounts.
function oneOf(a) {
  const title = called(a.name);
  const text = a.signed_in ? t("Sign in again") : t("Sign in");
  const again = h("a", { class: "button", href: "#signin", "data-focus": `signin ${a.name}`, "aria-label": t("%s: %s", text, title), on: { click: () => { wanted.account = a.name; } } }, text);
  return h("section", { class: "account", "aria-label": title },
    h("h3", {}, title),
    h("p", {}, !a.signed_in ? t("Nobody is signed in.") : a.people.length ? t("Followed: %s.", a.people.join(", ")) : t("Nobody is followed yet.")),
    a.trouble && h("p", { class: "trouble" }, a.trouble),
    a.signed_in ? signingOut(a.name, again, a.people.length ? t("No alarm comes any more then for: %s. Sign out?", a.people.join(", ")) : t("No alarm of its people comes any more then. Sign out?")) : h("div", { class: "buttons" }, again));
}

// wanted is which of several accounts the next sign-in is to; "" for one more,
// null for one that needs it.
export const wanted = { account: null };

function signedIn(s) {
  if (s.demo) return h("p", {}, t("This is the demo: nobody needs to sign in."));
  if (!s.signed_in) return [h("p", {}, t("Nobody is signed in.")), h("a", { class: "button main", href: "#signin", "data-focus": "signin" }, t("Sign in"))];
  return [
    h("p", {}, t("Signed in at LibreLinkUp. Settings and history stay when you sign out.")),
    signingOut("", h("a", { class: "button", href: "#signin", "data-focus": "signin", on: { click: () => { wanted.account = null; } } }, t("Sign in again")), t("No alarm comes any more then. Sign out?")),
    h("p", { class: "doc" }, h("a", { href: "#signin", "data-focus": "another", on: { click: () => { wanted.account = ""; } } }, t("Follow somebody through another account as well"))),
  ];
}

// signingOut are the buttons of a sign-in: another one, and its end, which is asked
// for twice.
function signingOut(account, again, words) {
  const note = h("p", { role: "status", class: "note" });
  const question = h("div", { class: "buttons", hidden: true },
    h("span", {}, words),
    button(t("Yes, sign out"), async () => {
      try {
        await post("/api/signout", { account });
      } catch (err) {
        say(note, err.text ?? String(err));
      }
    }, { "data-focus": `sure ${account}`.trim() }),
    button(t("No"), () => {
      question.hidden = true;
      out.focus();
    }));
  const out = button(t("Sign out"), () => {
    question.hidden = false;
    question.querySelector("button").focus();
  }, { "data-focus": `signout ${account}`.trim(), "aria-label": account ? t("Sign out: %s", called(account)) : null });
  return [h("div", { class: "buttons" }, again, out), question, note];
}

function follow(list) {
  const note = h("p", { role: "status", class: "note" });
  return [
    h("fieldset", {},
      h("legend", {}, t("Who is shown")),
      list.map((p) => {
        const radio = h("input", { type: "radio", name: "person", id: id("person"), value: p.id, "data-focus": `follow-${p.id}` });
        radio.checked = p.chosen;
        radio.addEventListener("change", async () => {
          try {
            await act("follow", { key: p.id });
          } catch (err) {
            say(note, err.text ?? String(err));
          }
        });
        return h("p", { class: "check" }, radio, " ", h("label", { for: radio.id }, p.name));
      })),
    note,
  ];
}

// thisComputer is what starts llutray and what tries its alarms.
export function thisComputer() {
  const note = h("p", { role: "status", class: "note" });
  const box = h("input", { type: "checkbox", id: id("autostart") });
  box.addEventListener("change", async () => {
    try {
      say(note, (await act("autostart", { on: box.checked })).text);
    } catch (err) {
      box.checked = !box.checked;
      say(note, err.text ?? String(err));
    }
  });
  const test = button(t("Send a test alarm"), async () => {
    try {
      say(note, (await act("test_alarm")).text || t("The test alarm was sent. Did you see and hear it?"));
    } catch (err) {
      say(note, err.text ?? String(err));
    }
  });
  const start = h("p", { class: "check" }, box, " ", h("label", { for: box.id }, t("Start llutray when the computer starts")));
  return {
    element: h("div", {}, start, h("p", {}, test), note),
    update(s) {
      start.hidden = s.demo;
      if (document.activeElement !== box) box.checked = s.autostart;
    },
  };
}

// section is a part of the file. What is switched off shows its switch alone.
function section(s, reload) {
  const part = row(s.title || s.name || t("General"), s.doc && s.doc !== s.title && h("p", { class: "doc" }, s.doc));
  const body = part.querySelector(".body");
  // People are chosen by name, above.
  for (const k of s.keys.filter((x) => x.key !== "person")) {
    const element = setting(k, reload);
    body.append(element);
    if (!k.key.endsWith(".on")) continue;
    const box = element.querySelector("input");
    const show = () => part.classList.toggle("off", !box.checked);
    box.addEventListener("change", show);
    show();
  }
  return part;
}

// setting is one key: applied as soon as it is changed, its error beside it.
function setting(k, reload) {
  const names = { field: id("f"), label: id("l"), doc: id("d"), said: id("s") };
  const said = h("p", { class: "said", id: names.said, role: "status" });
  const described = `${names.doc} ${names.said}`;
  const made = field(k, names.field, described);
  const control = made.control ?? made.element;
  const label = made.group ? h("span", { class: "label", id: names.label }, labelOf(k)) : h("label", { class: "label", for: names.field }, labelOf(k));
  if (made.group) made.element.setAttribute("aria-labelledby", names.label);
  const usualHere = field({ ...k, value: k.default }, "", "").read();
  const hint = h("span", {}, " ", k.default === "usual" ? t("Empty: as usual.") : t("Usual: %s.", usual(k)));
  let before = made.read();
  hint.hidden = before === usualHere;
  control.addEventListener("change", async () => {
    const value = made.read();
    if (value === before) return;
    say(said, "");
    try {
      await post("/api/settings", { key: k.key, value });
      before = value;
      control.removeAttribute("aria-invalid");
      said.classList.remove("error");
      say(said, t("In force."));
      hint.hidden = value === usualHere;
      if (k.key === "unit") await reload(); // all limits are in it
    } catch (err) {
      if (!made.group) control.setAttribute("aria-invalid", "true");
      said.classList.add("error");
      say(said, `${err.text ?? err} ${t("It stays as it was.")}`);
    }
  });
  const doc = h("p", { class: plain(k) ? "unseen" : "doc", id: names.doc }, explain(k), hint);
  return h("div", { class: `setting ${k.type}${made.group ? " many" : ""}`, "data-find": `${k.key} ${labelOf(k)} ${k.doc}`.toLowerCase() },
    label, made.element, said, doc);
}

// explain says what a setting is for and what it may be.
function explain(k) {
  const parts = [docOf(k)];
  const number = (x) => (k.unit === "mmol/L" ? decimal(x.toFixed(1)) : x);
  if (k.type === "limit" && k.min != null) parts.push(t("From %s to %s %s.", number(k.min), number(k.max), k.unit));
  if (k.type === "duration" && k.min != null) parts.push(t("From %s to %s.", minutes(k.min), minutes(k.max)));
  return parts.filter(Boolean).join(" ");
}

function usual(k) {
  if (k.type === "flag") return { true: optionOf("on"), false: optionOf("off") }[k.default] ?? k.default;
  if (k.type === "word") return k.names?.[k.options.indexOf(k.default)] || optionOf(k.default);
  const list = choicesOf(k);
  if (list) return list.said(k.default);
  if (k.type === "limit" && Number.parseFloat(k.default)) return `${limitText({ ...k, value: k.default })} ${k.unit}`;
  const all = k.type === "duration" ? minutesOf(k.default) : null;
  return all == null ? k.default || t("none") : minutes(all);
}

function filter(all, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const part of all.children) {
    const title = part.querySelector("h2").textContent.toLowerCase();
    let any = false;
    for (const s of part.querySelectorAll(".setting")) {
      s.hidden = !words.every((w) => s.dataset.find.includes(w) || title.includes(w));
      any ||= !s.hidden;
    }
    part.hidden = !any;
    part.classList.toggle("found", words.length > 0);
  }
}
