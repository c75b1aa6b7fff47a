// What the page is made of: its data, and elements. Text goes in as text and never as markup.

const data = JSON.parse(document.getElementById("data").textContent);

// Makes an element. Attributes that are false or undefined are left out; those that are functions listen.
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== false && value !== undefined) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return made;
}

// Text from a program, kept from turning the line around it the other way.
function foreign(text, attributes) {
  return element("bdi", attributes, text);
}

// A link, if the address is one of the web; else its text.
function link(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return foreign(address);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return foreign(address);
  return element("a", { href: url.href, rel: "noopener noreferrer", class: "outside" }, address.replace(/^https?:\/\//, ""));
}

const TONES = { pass: "good", fixed: "good", known: "note", skip: "quiet" };
const SIGNS = { pass: "✓", fixed: "↑", known: "≈", skip: "–", fail: "✗", changed: "≠", unstable: "±", error: "!", none: "–" };
const VERDICTS = ["pass", "known", "fixed", "skip", "fail", "changed", "unstable", "timeout", "crash", "flood", "oom", "error"];
const MEANINGS = {
  pass: "as the rule allows",
  known: "deviates as recorded",
  fixed: "recorded as deviating, conforms now",
  skip: "not run, for want of something it needs",
  fail: "deviates, and nothing is recorded",
  changed: "deviates otherwise than recorded",
  unstable: "repeats disagree beyond the rule",
  timeout: "still running at its deadline",
  crash: "ended by a signal",
  flood: "wrote more than the output limit",
  oom: "used more than the memory limit",
  error: "a fault of the harness or an adapter",
  none: "there is no result",
};

function tone(verdict) {
  return TONES[verdict] ?? "bad";
}

// The word for a result, with a sign so that its colour is not all that tells it from others.
function chip(cell) {
  if (!cell) return element("span", { class: "chip quiet" }, element("span", { "aria-hidden": "true" }, "·"), element("span", { class: "unseen" }, "no result"));
  const [text, mood] = cell.mark ?? [cell.verdict, tone(cell.verdict)];
  const sign = element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[cell.verdict] ?? "✗");
  const title = `${cell.verdict}: ${MEANINGS[cell.verdict] ?? ""}`;
  return element("span", { class: `chip ${mood}`, title }, sign, foreign(text));
}

function plural(count, one, many) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many ?? `${one}s`}`;
}

function category(item) {
  return item.id.split("/")[0];
}
