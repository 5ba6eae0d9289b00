// Names for people where a key of the settings file is named for a file.

const labels = {
  "display.icon_person": "The icon shows",
  "display.icon": "In the icon",
  "display.contrast": "High contrast",
  "display.words": "Words for a screen reader",
  "speech.alarms": "Say alarms aloud",
  "speech.value": "Say the value aloud every",
  "network.proxy": "Proxy",
  "display.label": "Value beside the icon",
  "display.show_name": "Show the name",
  "privacy.text": "Messages say",
  "privacy.when_locked": "While the screen is locked",
  "privacy.when_shared": "While the screen is shared",
  "power.stay_awake": "Stay awake for alarms",
  "account.region": "Region",
  "log.level": "How much",
  "alarms.*.limit": "Limit",
  "alarms.*.after": "After",
  "alarms.*.repeat": "Again after",
  "alarms.*.days": "A sensor lasts",
  "quiet.*.from": "Begins",
  "quiet.*.to": "Ends",
  "quiet.*.days": "Days",
  "quiet.*.hold": "Hold soft alarms back",
  "quiet.*.through": "Heard all the same",
  "quiet.*.low": "Low meanwhile",
  "quiet.*.high": "High meanwhile",
};

const options = {
  full: "name and value",
  content_free: "that there is an alarm",
  auto: "automatic",
  ru: "Russia",
  cn: "China",
  none: "no sound",
  chosen: "the person chosen",
  worst: "who is worst",
  turns: "one after the other",
  number: "number and arrow",
  large: "a large number",
  discreet: "a shape, no number",
  off: "off",
  on: "on",
  10: "10 days",
  14: "14 days",
  15: "15 days",
};

// A person's own settings are those of everybody, below a name.
const everybody = (key) => key.replace(/^people\.[^.]+\.(?=.*\.)/, "");

const general = (key) => everybody(key).replace(/^(alarms|quiet)\.[^.]+\./, "$1.*.");

export const labelOf = (k) => labels[everybody(k.key)] ?? labels[general(k.key)] ?? k.label;

export const optionOf = (word) => options[word] ?? word;

// plain tells that a key needs no explanation beside its section's: On, Sound.
export const plain = (k) => /^alarms\.\*\.(on|sound)$/.test(general(k.key));

const days = [["mon", "Mon"], ["tue", "Tue"], ["wed", "Wed"], ["thu", "Thu"], ["fri", "Fri"], ["sat", "Sat"], ["sun", "Sun"]];
const soft = [["high", "High"], ["low_soon", "Low soon"], ["second_rise", "Second rise"], ["falling_fast", "Falling fast"], ["rising_fast", "Rising fast"], ["sensor_ends", "Sensor ends in a day"]];

// choicesOf are the words of a list, with their names, and the word that
// stands for all of them; null for what is no list.
export function choicesOf(k) {
  if (general(k.key) === "quiet.*.days") return { words: days, all: "every day" };
  if (general(k.key) === "quiet.*.through") return { words: soft, all: "" };
  return null;
}
