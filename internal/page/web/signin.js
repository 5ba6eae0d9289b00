// Sign in: one form, and what comes after it, for somebody who has never done
// such a thing.

import { act, post } from "./api.js";
import { button, fill, h, put, say } from "./dom.js";
import { capital, t } from "./lang.js";
import { decimal, pointed } from "./format.js";
import { thisComputer, wanted } from "./settings.js";

export function mount(root, live) {
  const email = h("input", { type: "email", id: "email", autocomplete: "username", required: true, spellcheck: "false" });
  const password = h("input", { type: "password", id: "password", autocomplete: "current-password", required: true });
  const showing = button(t("Show"), () => {
    const hidden = password.type === "password";
    password.type = hidden ? "text" : "password";
    showing.setAttribute("aria-pressed", String(hidden));
  }, { "aria-pressed": "false", "aria-controls": "password", "aria-label": t("Show the password") });
  const region = h("select", { id: "region" },
    h("option", { value: "" }, t("Found by itself")), h("option", { value: "ru" }, t("Russia")), h("option", { value: "cn" }, t("China")));
  const account = h("select", { id: "account", on: { change: () => { wanted.account = account.value; named.hidden = account.value !== ""; } } });
  const name = h("input", { type: "text", id: "account-name", autocomplete: "off", spellcheck: "false", maxlength: 32 });
  const named = h("p", { hidden: true }, h("label", { for: "account-name" }, t("A name for it, such as mum")), name);
  const choice = h("p", {}, h("label", { for: "account" }, t("Which account")), account);
  const which = h("div", { hidden: true }, choice, named);
  const error = h("div", { class: "error", role: "alert", id: "signin-error" });
  const submit = h("button", { type: "submit", class: "main" }, t("Sign in"));
  const form = h("form", { class: "form", novalidate: true },
    which,
    h("p", {}, h("label", { for: "email" }, t("E-mail address of the LibreLinkUp account")), email),
    h("p", {}, h("label", { for: "password" }, t("Password")), h("span", { class: "beside" }, password, showing)),
    h("details", {}, h("summary", {}, t("The account is in Russia or China")), h("p", {}, h("label", { for: "region" }, t("Where the account is")), region)),
    error,
    h("p", {}, submit));
  const after = h("div", { class: "after" });
  const intro = h("div", {},
    h("p", {}, t("llutray follows a sensor as the LibreLinkUp app does on a phone. Sign in with the account of %s, the app of those who follow. It is not the account of the Libre app on the phone with the sensor.", h("b", {}, "LibreLinkUp"))),
    h("details", {}, h("summary", {}, t("I have no LibreLinkUp account yet")),
      h("ol", {},
        h("li", {}, t("In the Libre app on the phone with the sensor, choose Connected apps, LibreLinkUp, and invite an e-mail address of yours.")),
        h("li", {}, t("Install the LibreLinkUp app on any phone, make an account with that address, and accept the invitation.")),
        h("li", {}, t("Come back and sign in here with it.")))));

  root.append(h("h1", {}, t("Sign in")), intro, form, after);

  let computer; // what is asked once signed in
  let arrives; // tells that somebody shares at last
  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    for (const field of [email, password]) {
      if (field.checkValidity()) continue;
      complain(field === email ? t("Write the whole e-mail address of the LibreLinkUp account, such as name@example.org.") : t("Write the password of the LibreLinkUp account."), "", field);
      return;
    }
    if (!named.hidden && !which.hidden && !name.value.trim()) {
      complain(t("Write a name for the account, such as mum."), "", name);
      return;
    }
    send("/api/signin", credentials());
  });

  let file = false; // the consent to keep the password in a file
  const credentials = () => ({ email: email.value.trim(), password: password.value, region: region.value, file, account: which.hidden ? "" : account.value || name.value.trim() });

  async function send(path, body) {
    if (busy) return;
    busy = true;
    submit.setAttribute("aria-disabled", "true");
    say(submit, t("Signing in…"));
    error.replaceChildren();
    for (const field of [email, password, name]) field.removeAttribute("aria-invalid");
    try {
      next(await post(path, body));
    } catch (err) {
      complain(err.message, err.hint, err.status === 422 ? password : null);
    } finally {
      busy = false;
      submit.removeAttribute("aria-disabled");
      say(submit, t("Sign in"));
    }
  }

  function complain(message, hint, field) {
    if (form.hidden && field) again();
    put(error, h("p", {}, h("b", {}, message)), hint && h("p", {}, hint));
    if (form.hidden) after.append(error);
    else if (field) {
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", error.id);
      field.focus();
    }
  }

  // next shows what the answer asks for.
  function next(answer) {
    if (answer.status === "step") step(answer.step);
    else if (answer.status === "no_keyring") consent(answer.message);
    else welcome(answer);
  }

  function ask(title, ...content) {
    form.hidden = intro.hidden = true;
    const heading = h("h2", { tabindex: "-1" }, title);
    put(after, heading, content);
    heading.focus();
  }

  function again() {
    after.replaceChildren();
    form.append(error, submit.parentElement);
    error.replaceChildren();
    form.hidden = intro.hidden = false;
    email.focus();
  }

  // ticked is a button that needs an explicit tick first.
  function ticked(text, label, action) {
    const box = h("input", { type: "checkbox", id: `tick-${label.length}` });
    const note = h("p", { role: "alert", class: "error" });
    return [
      h("p", { class: "check" }, box, " ", h("label", { for: box.id }, text)),
      note,
      h("div", { class: "buttons" }, button(label, () => {
        if (!box.checked) {
          say(note, t("Tick the box first, if you agree."));
          box.focus();
          return null;
        }
        say(note, "");
        return action();
      }, { class: "main" }), button(t("Cancel"), again)),
    ];
  }

  function step(s) {
    const title = s?.title || t("terms");
    ask(t("LibreLinkUp asks you to accept its %s", title),
      h("p", {}, t("You can read it in the LibreLinkUp app or at www.librelinkup.com. Without it LibreLinkUp sends no values.")),
      ticked(t("I have read and accept the %s of LibreLinkUp", title), t("Accept"), () => send("/api/signin/accept", {})));
  }

  function consent(message) {
    ask(t("Where the password is kept"),
      h("p", {}, sentence(message) || t("This desktop has no keyring that could keep the password.")),
      h("p", {}, t("llutray can keep it in a file instead that only you can read. Programs that you start could read it too.")),
      ticked(t("Keep the password in a file that only I can read"), t("Go on"), () => {
        file = true;
        return send("/api/signin", credentials());
      }));
  }

  // sentence makes one of an error's words.
  function sentence(words) {
    return words ? capital(words).replace(/\.?$/, ".") : "";
  }

  function welcome(answer) {
    wanted.account = null;
    password.value = "";
    password.type = "password";
    computer = thisComputer();
    const list = answer.people ?? [];
    const sharing = h("div", { role: "status" });
    put(sharing, list.length > 0 && h("ul", {}, list.map((p) => h("li", {}, h("b", {}, p.name), p.text && ` ${p.text}`))));
    const look = list.length === 0 && h("div", { class: "buttons" }, button(t("Done, look again"), async () => {
      try {
        await act("refresh");
        say(sharing, t("Asking LibreLinkUp…"));
      } catch (err) {
        say(sharing, err.text ?? String(err));
      }
    }));
    arrives = (s) => {
      if (list.length || !s.person || !s.reading || s.fault) return;
      put(sharing, h("p", {}, t("%s shares with you now.", h("b", {}, s.person.name))));
      if (look) look.hidden = true;
    };
    ask(list.length ? t("You are signed in") : t("You are signed in, and one thing is missing"),
      list.length === 0 && h("p", {}, sentence(answer.message)),
      sharing,
      look,
      offer(answer.offer ?? []),
      h("h3", {}, t("So that no alarm is missed")),
      computer.element,
      h("p", {}, h("a", { class: "button main", href: "#now" }, t("Show me the value"))));
    if (live.state) computer.update(live.state);
  }

  // offer takes over the limits that the account has for its own alarms.
  function offer(list) {
    if (!list.length) return null;
    const note = h("p", { role: "status", class: "note" });
    const boxes = list.map((o, i) => {
      const box = h("input", { type: "checkbox", id: `offer-${i}` });
      box.checked = true;
      return { o, box };
    });
    const unit = live.state?.unit ?? "";
    const use = button(t("Use these limits"), async () => {
      try {
        for (const { o, box } of boxes) if (box.checked) await post("/api/settings", { key: o.key, value: /[a-z]/i.test(o.value) ? o.value : `${pointed(o.value)} ${unit}`.trim() });
        say(note, t("These limits are in force. You can change them under Settings."));
      } catch (err) {
        say(note, err.text ?? String(err));
      }
    });
    return h("section", { "aria-labelledby": "offer" },
      h("h3", { id: "offer" }, t("Limits of your account")),
      h("p", {}, t("LibreLinkUp has these limits for its own alarms. Use them here too?")),
      boxes.map(({ o, box }) => h("p", { class: "check" }, box, " ", h("label", { for: box.id }, o.label.includes(o.value) ? capital(o.label) : `${capital(o.label)}: ${decimal(o.value)}`))),
      h("div", { class: "buttons" }, use), note);
  }

  // choose has the account in the list that is wanted, or else one that needs it.
  function choose(list) {
    const there = list.some((a) => a.name === wanted.account) || wanted.account === "";
    account.value = there ? wanted.account : (list.find((a) => !a.signed_in || a.trouble) ?? list[0]).name;
    named.hidden = account.value !== "";
  }

  // several offers the accounts that there are, and one more. Whoever has one
  // alone is asked nothing, unless they have chosen to follow another.
  function several(s) {
    which.hidden = !s.accounts && wanted.account !== "";
    choice.hidden = !s.accounts;
    const made = s.accounts && fill(account, s.accounts.map((a) => a.name), () => [
      ...s.accounts.map((a) => h("option", { value: a.name }, a.name === "first" ? t("The first") : a.name)),
      h("option", { value: "" }, t("One more")),
    ]);
    if (made) choose(s.accounts);
    named.hidden = Boolean(s.accounts) && account.value !== "";
  }

  return {
    show: () => {
      if (live.state?.accounts) choose(live.state.accounts);
      if (live.state) several(live.state);
      if (form.hidden) again();
    },
    update: (s) => {
      several(s);
      computer?.update(s);
      arrives?.(s);
    },
  };
}
