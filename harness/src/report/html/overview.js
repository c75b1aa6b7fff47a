// The first page: what came of it, the matrix, the filter, and the cases.

// Rows that are added at a time; more come as one scrolls or asks.
const CHUNK = 100;

const HEADINGS = { run: "Run", compare: "Comparison", results: "Two results", gate: "Gate", history: "History" };

let filter = { ...NOTHING };

// Cases that the filter lets through, in the order they are shown.
let shown = [];

function overview() {
  const parts = [summary(), runtimes(), matrix(), cases()];
  document.title = `Lockstep · ${HEADINGS[data.kind]}`;
  return parts.flat();
}

function summary() {
  const about = [];
  if (data.suite) about.push(`suite ${data.suite.version}, ${plural(data.suite.cases, "case")}, digest ${data.suite.digest}`);
  if (data.selection.length) about.push(`selected by ${data.selection.join(" ")}`);
  return element(
    "section",
    { class: "summary", "aria-labelledby": "heading" },
    element("h1", { id: "heading" }, HEADINGS[data.kind]),
    element("p", { class: "headline" }, data.headline),
    !data.complete && element("p", { class: "warning" }, "Interrupted: this is what had been found until then."),
    data.notes.length > 0 && element("ul", { class: "notes" }, data.notes.map((note) => element("li", {}, note))),
    data.missing.length > 0 &&
      element("ul", { class: "notes" }, data.missing.map(({ name, reason, remedy }) => element("li", {}, element("b", {}, name), ` is not here: ${reason}; ${remedy}`))),
    about.length > 0 && element("p", { class: "about" }, about.join(" · ")),
  );
}

// Each runtime with what it says it is, and its verdicts as a bar.
function runtimes() {
  const cards = data.columns.map(({ label, product }, column) => {
    const counts = count((cell) => cell.verdict, column);
    const judged = VERDICTS.filter((verdict) => verdict !== "skip" && counts[verdict]);
    const all = judged.reduce((sum, verdict) => sum + counts[verdict], 0);
    const bar = element("span", { class: "bar", "aria-hidden": "true" });
    for (const verdict of judged) {
      const part = element("span", { class: `part ${tone(verdict)}` });
      part.style.flexGrow = counts[verdict];
      bar.append(part);
    }
    const conform = (counts.pass ?? 0) + (counts.fixed ?? 0);
    return element(
      "li",
      {},
      element("span", { class: "name" }, foreign(label)),
      element("span", { class: "product" }, product ?? "unknown product"),
      bar,
      element("span", { class: "share" }, all ? `${conform.toLocaleString("en")} of ${plural(all, "case")} conform` : "nothing was run"),
    );
  });
  return element("ul", { class: "runtimes", "aria-label": "Runtimes" }, cards);
}

function count(what, column, among = data.cases) {
  const counts = {};
  for (const item of among) {
    const cell = item.cells[column];
    if (cell) counts[what(cell)] = (counts[what(cell)] ?? 0) + 1;
  }
  return counts;
}

// How often each verdict was found, by category and runtime; a number leads to its cases.
function matrix() {
  const categories = [...new Set(data.cases.map(category))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const bodies = [...categories, ""].map((name) => {
    const among = name ? data.cases.filter((item) => category(item) === name) : data.cases;
    const counts = data.columns.map((_, column) => count((cell) => cell.verdict, column, among));
    const verdicts = VERDICTS.filter((verdict) => counts.some((of) => of[verdict]));
    const rows = verdicts.map((verdict, index) =>
      element(
        "tr",
        {},
        index === 0 && element("th", { scope: "rowgroup", rowspan: verdicts.length, class: "category" }, name || "all"),
        element("th", { scope: "row" }, chip({ verdict })),
        counts.map((of, column) => {
          const runtime = data.columns[column].label;
          const address = addressOf({ ...NOTHING, category: name, finding: `verdict:${verdict}`, runtime });
          const number = (of[verdict] ?? 0).toLocaleString("en");
          const words = `${number} ${verdict} in ${name || "all categories"} on ${runtime}`;
          return element("td", {}, of[verdict] ? element("a", { href: address, "aria-label": words }, number) : element("span", { class: "nothing" }, "·"));
        }),
      ),
    );
    return element("tbody", { class: name ? "" : "total" }, rows);
  });
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "category"),
    element("th", { scope: "col" }, "verdict"),
    data.columns.map(({ label }) => element("th", { scope: "col", class: "number" }, foreign(label))),
  );
  return element(
    "section",
    { "aria-labelledby": "matrix" },
    element("h2", { id: "matrix" }, "Matrix"),
    element(
      "div",
      { class: "wide", tabindex: "0", role: "region", "aria-label": "Table of verdicts" },
      element("table", { class: "matrix" }, element("caption", { class: "unseen" }, "Verdicts by category and runtime"), element("thead", {}, head), bodies),
    ),
  );
}

function rank(name) {
  const at = ["ordering", "blocking", "backpressure"].indexOf(name);
  return at < 0 ? 9 : at;
}

function cases() {
  return element(
    "section",
    { "aria-labelledby": "cases" },
    element("h2", { id: "cases" }, "Cases"),
    form(),
    element("p", { id: "count", class: "count", role: "status" }),
    element("div", { id: "list", class: "wide", tabindex: "0", role: "region", "aria-label": "Table of cases" }),
  );
}

function form() {
  const change = (key) => (event) => {
    filter[key] = event.target.value;
    replaceAddress(addressOf(filter));
    list();
  };
  const choice = (key, label, any, options) => {
    const select = element("select", { id: `filter-${key}`, change: change(key) }, element("option", { value: "" }, any), options);
    select.value = filter[key];
    return element("div", { class: "field" }, element("label", { for: `filter-${key}` }, label), select);
  };
  const option = (value, text) => element("option", { value }, text);
  const cells = data.cases.flatMap((item) => item.cells.filter(Boolean));
  const verdicts = new Set(cells.map((cell) => cell.verdict));
  const marks = [...new Set(cells.map((cell) => cell.mark?.[0]).filter(Boolean))].sort();
  const findings = [
    marks.length > 0 && element("optgroup", { label: data.kind === "compare" ? "Class" : "Change" }, marks.map((mark) => option(`mark:${mark}`, mark))),
    element("optgroup", { label: "Verdict" }, VERDICTS.filter((verdict) => verdicts.has(verdict)).map((verdict) => option(`verdict:${verdict}`, `${verdict}: ${MEANINGS[verdict]}`))),
  ];
  const search = element("input", { id: "filter-text", type: "search", placeholder: "id, title, rule, tag, finding", autocomplete: "off", spellcheck: "false", input: change("text") });
  search.value = filter.text;
  const categories = [...new Set(data.cases.map(category))].sort((a, b) => rank(a) - rank(b));
  return element(
    "form",
    { class: "filter", role: "search", "aria-label": "Cases", submit: (event) => event.preventDefault() },
    element("div", { class: "field text" }, element("label", { for: "filter-text" }, "Text"), search),
    choice("category", "Category", "all", categories.map((name) => option(name, name))),
    choice("finding", "Finding", "any", findings),
    choice("runtime", "Runtime", "any", data.columns.map(({ label }) => option(label, label))),
    element("button", { type: "button", id: "clear", click: () => go("#/") }, "Clear"),
  );
}

// Draws the cases that the filter lets through.
function list() {
  shown = selected(filter);
  const holder = document.getElementById("list");
  const filtered = Object.values(filter).some(Boolean);
  document.getElementById("clear").disabled = !filtered;
  document.getElementById("count").textContent = filtered ? `${shown.length.toLocaleString("en")} of ${plural(data.cases.length, "case")}` : plural(shown.length, "case");
  if (shown.length === 0) {
    holder.replaceChildren(element("p", { class: "empty" }, "No case is like this."));
    return;
  }
  const head = element(
    "thead",
    {},
    element("tr", {}, element("th", { scope: "col" }, "case"), data.columns.map(({ label }) => element("th", { scope: "col" }, foreign(label)))),
  );
  const table = element("table", { class: "cases" }, element("caption", { class: "unseen" }, "Cases and what was found on each runtime"), head);
  const more = element("button", { type: "button", class: "more", click: () => extend() });
  holder.replaceChildren(table, more);
  let next = 0;
  let group;
  let body;
  // Adds the next rows; a group has a heading of its own.
  const extend = () => {
    for (const end = Math.min(next + CHUNK, shown.length); next < end; next++) {
      const item = shown[next];
      if (item.group !== group) {
        group = item.group;
        const size = shown.filter((other) => other.group === group).length;
        const title = element("th", { scope: "rowgroup", colspan: data.columns.length + 1 }, data.groups[group], " ", element("span", { class: "size" }, size.toLocaleString("en")));
        body = element("tbody", {}, element("tr", { class: "group" }, title));
        table.append(body);
      }
      body.append(row(item));
    }
    more.hidden = next >= shown.length;
    more.textContent = `Show ${plural(Math.min(CHUNK, shown.length - next), "more case")}`;
  };
  extendList = extend;
  extend();
  watch(more, extend);
}

// Draws more rows; replaced whenever the list is drawn anew.
let extendList = () => {};

// Calls `reached` whenever `target` comes into sight. An observer reports changes only, and what is reached may leave the target in
// sight; so it is looked at afresh each time.
let watched;
function watch(target, reached) {
  watched?.disconnect();
  const seen = (entries) => {
    if (target.hidden || !entries.some((entry) => entry.isIntersecting)) return;
    reached();
    watched.unobserve(target);
    watched.observe(target);
  };
  watched = new IntersectionObserver(seen, { rootMargin: "600px" });
  watched.observe(target);
}

function row(item) {
  const name = element("a", { href: addressOfCase(item.id), "data-id": item.id }, item.title ? [element("span", { class: "title" }, item.title), " "] : [], element("span", { class: "id" }, item.id));
  return element("tr", {}, element("th", { scope: "row" }, name), item.cells.map((cell) => element("td", {}, chip(cell))));
}
