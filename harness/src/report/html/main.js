// Which page is shown, the keys, and light or dark.

const KEYS = [
  ["/", "find a case by text"],
  ["j  k", "next and previous case"],
  ["Enter", "open the case"],
  ["u  Esc", "back to all cases"],
  ["t", "system, light or dark colours"],
  ["?", "this help"],
];

const THEMES = ["system", "light", "dark"];

// What one keeps from visit to visit; a browser that keeps nothing for files loses nothing but that.
function kept(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(`lockstep-${name}`) ?? undefined;
    localStorage.setItem(`lockstep-${name}`, value);
  } catch {
    // Storage is refused.
  }
  return value;
}

let theme = THEMES.includes(kept("theme")) ? kept("theme") : "system";
let singleKeys = kept("keys") !== "off";

function paint() {
  document.documentElement.dataset.theme = theme;
  document.getElementById("theme").textContent = `Colours: ${theme}`;
}

function nextTheme() {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  kept("theme", theme);
  paint();
}

function go(address) {
  if (location.hash === address) draw();
  else location.hash = address;
}

// Changes the address without a step that "back" would have to take.
function replaceAddress(address) {
  history.replaceState(null, "", address);
}

const main = document.getElementById("main");
let last;
let drawn = false;

function draw() {
  const { id, filter: asked } = route(location.hash);
  if (asked) {
    filter = asked;
    main.replaceChildren(...overview());
    list();
    const before = last;
    last = undefined;
    const place = before && find(before);
    if (place) place.focus();
    else if (drawn) main.focus({ preventScroll: true });
  } else {
    if (shown.length === 0) shown = selected(filter);
    main.replaceChildren(...casePage(id));
    last = id;
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
  drawn = true;
}

// The link of a case in the list, drawn if it was not yet.
function find(id) {
  const at = shown.findIndex((item) => item.id === id);
  if (at < 0) return undefined;
  const links = main.getElementsByClassName("cases")[0]?.getElementsByTagName("a") ?? [];
  while (links.length <= at) extendList();
  return links[at];
}

// Moves by one case, in the list or from case to case.
function move(by) {
  const open = route(location.hash).id;
  const at = shown.findIndex((item) => item.id === (open ?? document.activeElement?.dataset?.id));
  const to = shown[at < 0 ? (by > 0 ? 0 : -1) : at + by];
  if (!to) return;
  if (open) go(addressOfCase(to.id));
  else find(to.id)?.focus();
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest?.("input, select, textarea");
  if (event.key === "Escape" && !help.open) {
    if (typing) typing.blur();
    else if (route(location.hash).id) go(addressOf(filter));
    return;
  }
  if (typing || help.open || !singleKeys) return;
  const action = {
    "/": () => {
      if (route(location.hash).id) {
        last = undefined;
        location.hash = addressOf(filter);
        draw();
      }
      document.getElementById("filter-text").select();
    },
    j: () => move(1),
    k: () => move(-1),
    u: () => route(location.hash).id && go(addressOf(filter)),
    t: nextTheme,
    "?": () => help.showModal(),
  }[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

const keysBox = element("input", { type: "checkbox", id: "keys", change: () => kept("keys", (singleKeys = keysBox.checked) ? "on" : "off") });
keysBox.checked = singleKeys;
const help = element(
  "dialog",
  { "aria-labelledby": "help-title" },
  element("h2", { id: "help-title" }, "Keys"),
  element("dl", {}, KEYS.map(([keys, meaning]) => element("div", {}, element("dt", {}, keys.split("  ").map((key) => [element("kbd", {}, key), " "])), element("dd", {}, meaning)))),
  element("p", {}, keysBox, element("label", { for: "keys" }, " Single keys do something")),
  element("form", { method: "dialog" }, element("button", {}, "Close")),
);

document.getElementById("top").append(
  element("a", { class: "brand", href: "#/" }, "Lockstep"),
  element("span", { class: "tools" }, element("button", { type: "button", id: "theme", click: nextTheme }), element("button", { type: "button", id: "help", click: () => help.showModal() }, "Keys")),
);
document.getElementById("bottom").append(element("p", {}, `Lockstep ${data.harness}. Everything on this page is in this file; it asks no network for anything.`));
document.body.append(help);
document.addEventListener("keydown", pressed);
addEventListener("hashchange", draw);
paint();
draw();
