// About: what this is, and what it is not.

import { h, row, say } from "./dom.js";

export function mount(root) {
  const version = h("p");
  root.append(
    h("h1", {}, "About llutray"),
    row("Version", version),
    row("Not a medical device", h("p", {}, "Never decide a treatment by llutray alone: check with a meter or the sensor’s own app first. Values come a little later than on the phone, and not at all when a link on the way is broken.")),
    row("Privacy", h("p", {}, "llutray talks to LibreLinkUp, to the relays, broker or Nightscout site that you set, and to nobody else. Readings stay on this computer. This page is served by the program itself, to this computer alone.")),
    row("Licence", h("p", {}, "Free software under the MIT licence. llutray has no connection with Abbott; FreeStyle, Libre and LibreLinkUp are names of its products.")),
    row("Keys", h("p", {}, "In the trace: arrow keys move from value to value, Page Up and Page Down by fifteen, Home and End to its ends, Escape leaves it.")));
  return { update: (s) => say(version, `llutray ${s.version || "of unknown version"}`) };
}
