// Names for people where a key of the settings file is named for a file.

import { days, minutes, minutesOf } from "./format.js";
import { c, t } from "./lang.js";

const labels = {
  "unit": t("Unit"),
  "display.icon_person": t("The icon shows"),
  "display.icon": t("In the icon"),
  "display.contrast": t("High contrast"),
  "display.words": t("Words for a screen reader"),
  "display.language": t("Language"),
  "speech.alarms": t("Say alarms aloud"),
  "speech.value": t("Say the value aloud every"),
  "network.proxy": t("Proxy"),
  "display.label": t("Value beside the icon"),
  "display.show_name": t("Show the name"),
  "limits.urgent_low": t("Urgent low"),
  "limits.low": t("Low"),
  "limits.high": t("High"),
  "limits.urgent_high": t("Urgent high"),
  "privacy.text": t("Messages say"),
  "privacy.when_locked": t("While the screen is locked"),
  "privacy.when_shared": t("While the screen is shared"),
  "power.stay_awake": t("Stay awake for alarms"),
  "account.region": t("Region"),
  "log.level": t("How much"),
  "mqtt.broker": t("Broker"),
  "mqtt.user": t("User"),
  "mqtt.ca_file": t("Ca file"),
  "mqtt.prefix": t("Prefix"),
  "mqtt.discovery": t("Discovery"),
  "mqtt.names": t("Names"),
  "mqtt.commands": t("Commands"),
  "nightscout.site": t("Site"),
  "nightscout.api": t("Api"),
  "nightscout.person": t("Person"),
  "nightscout.upload": t("Upload"),
  "nightscout.follow": t("Follow"),
  "nightscout.port": t("Port"),
  "hook.events": t("Events"),
  "dbus.on": c("switch", "On"),
  "alarms.*.on": c("switch", "On"),
  "alarms.*.sound": t("Sound"),
  "alarms.*.limit": t("Limit"),
  "alarms.*.after": t("After"),
  "alarms.*.repeat": t("Again after"),
  "alarms.*.days": t("A sensor lasts"),
  "alarms.*.urgent_low": t("Urgent low"),
  "alarms.*.no_data": t("No data"),
  "quiet.*.on": c("switch", "On"),
  "quiet.*.from": t("Begins"),
  "quiet.*.to": t("Ends"),
  "quiet.*.days": t("Days"),
  "quiet.*.hold": t("Hold soft alarms back"),
  "quiet.*.through": t("Heard all the same"),
  "quiet.*.low": t("Low meanwhile"),
  "quiet.*.high": t("High meanwhile"),
  "people.*.id": t("Id"),
  "people.*.name": t("Name"),
  "people.*.order": t("Order"),
  "people.*.follow": t("Follow"),
};

const options = {
  full: t("name and value"),
  content_free: t("that there is an alarm"),
  auto: t("automatic"),
  ru: t("Russia"),
  cn: t("China"),
  none: t("no sound"),
  soft: c("sound", "soft"),
  low: c("sound", "low"),
  urgent: c("sound", "urgent"),
  chosen: t("the person chosen"),
  worst: t("who is worst"),
  turns: t("one after the other"),
  number: t("number and arrow"),
  large: t("a large number"),
  discreet: t("a shape, no number"),
  off: c("switch", "off"),
  on: c("switch", "on"),
  usual: t("usual"),
  10: days(10)[1],
  14: days(14)[1],
  15: days(15)[1],
};

// A person's own settings are those of everybody, below a name.
const everybody = (key) => key.replace(/^people\.[^.]+\.(?=.*\.)/, "");

const general = (key) => everybody(key).replace(/^(alarms|quiet|people)\.[^.]+\./, "$1.*.");

export const labelOf = (k) => labels[everybody(k.key)] ?? labels[general(k.key)] ?? k.label;

export const optionOf = (word) => options[word] ?? (/^\d+[hm]$/.test(word) ? minutes(minutesOf(word)) : word);

// plain tells that a key needs no explanation beside its section's: On, Sound.
export const plain = (k) => /^alarms\.\*\.(on|sound)$/.test(general(k.key));

const weekdays = [["mon", t("Mon")], ["tue", t("Tue")], ["wed", t("Wed")], ["thu", t("Thu")], ["fri", t("Fri")], ["sat", t("Sat")], ["sun", t("Sun")]];
const soft = [["high", t("High")], ["low_soon", t("Low soon")], ["second_rise", t("Second rise")], ["falling_fast", t("Falling fast")], ["rising_fast", t("Rising fast")], ["sensor_ends", t("Sensor ends in a day")]];

// choicesOf are the words of a list, with their names, the word that stands
// for all of them, and what the settings as usual are; null for what is no
// list.
export function choicesOf(k) {
  const said = (words) => (text) => text.split(/[\s,]+/).map((word) => words.find(([x]) => x === word)?.[1] ?? word).join(" ") || t("none");
  if (general(k.key) === "quiet.*.days") return { words: weekdays, all: "every day", said: (text) => (text === "every day" ? t("every day") : said(weekdays)(text)) };
  if (general(k.key) === "quiet.*.through") return { words: soft, all: "", said: said(soft) };
  return null;
}

// docOf is what a setting is for. How to write a list is of no use where it is
// ticked.
export function docOf(k) {
  if (general(k.key) === "quiet.*.days") return t("Days on which it begins.");
  if (general(k.key) === "quiet.*.through") return t("Which of those are heard all the same.");
  return k.doc?.replaceAll("\n", " ") ?? "";
}
