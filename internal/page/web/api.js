// The requests to the program. Every failure is an Error for people, with a
// hint what to do.

import { t } from "./lang.js";

export class Refused extends Error {
  constructor(message, hint = "", status = 0) {
    super(message);
    this.hint = hint;
    this.status = status;
  }

  get text() {
    return [this.message, this.hint].filter(Boolean).join(" ");
  }
}

const gone = () => new Refused(t("llutray does not answer."), t("If it is not running any more, start it again and choose Open llutray from its menu."));

async function ask(path, options) {
  let response, body;
  try {
    response = await fetch(`.${path}`, { ...options, credentials: "same-origin", redirect: "error" });
    body = await response.text();
  } catch (err) {
    if (err.name === "AbortError") throw err;
    throw gone();
  }
  let answer = {};
  try {
    if (body) answer = JSON.parse(body);
  } catch {
    if (response.ok) throw new Refused(t("The answer of llutray could not be read."), t("Reload this page."));
  }
  if (response.ok) return answer;
  if (response.status === 401) throw new Refused(t("This page is from an earlier start of llutray."), t("Choose Open llutray from its menu again."), 401);
  throw new Refused(answer.error || t("llutray could not do that (%d).", response.status), answer.hint, response.status);
}

export function get(path, query = {}, signal) {
  const text = new URLSearchParams(Object.entries(query).filter(([, v]) => v != null && v !== "")).toString();
  return ask(text ? `${path}?${text}` : path, { signal });
}

export function post(path, body = {}, signal) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
}

export const act = (kind, more = {}) => post("/api/action", { kind, ...more });
