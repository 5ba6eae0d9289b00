// About: what this is, and what it is not.

import { h, row, say } from "./dom.js";
import { t } from "./lang.js";

export function mount(root) {
  const version = h("p");
  root.append(
    h("h1", {}, t("About llutray")),
    row(t("Version"), version),
    row(t("Not a medical device"), h("p", {}, t("Never decide a treatment by llutray alone: check with a meter or the sensor’s own app first. Values come a little later than on the phone, and not at all when a link on the way is broken."))),
    row(t("Privacy"), h("p", {}, t("llutray talks to LibreLinkUp, to the relays, broker or Nightscout site that you set, and to nobody else. Readings stay on this computer. This page is served by the program itself, to this computer alone."))),
    row(t("Licence"), h("p", {}, t("Free software under the MIT licence. llutray has no connection with Abbott; FreeStyle, Libre and LibreLinkUp are names of its products."))),
    row(t("Keys"), h("p", {}, t("In the trace: arrow keys move from value to value, Page Up and Page Down by fifteen, Home and End to its ends, Escape leaves it."))));
  return { update: (s) => say(version, s.version ? `llutray ${s.version}` : t("llutray of unknown version")) };
}
