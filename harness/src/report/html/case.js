// One case: the rule, what each runtime did beside what it may do, and how to see it again.

// Lanes beyond this many are joined where they hold the same.
const LANES = 6;

function casePage(id) {
  const item = data.cases.find((one) => one.id === id);
  if (!item) {
    document.title = "Lockstep · no such case";
    return [element("h1", { id: "heading" }, "No such case"), element("p", {}, "This page holds no case ", foreign(id), "."), element("p", {}, element("a", { href: addressOf(filter) }, "All cases"))];
  }
  document.title = `${item.title ?? item.id} · Lockstep`;
  return [ways(item), head(item), traces(item), findings(item), deviations(item), sources(item), again(item)].flat().filter(Boolean);
}

// Where the case stands among those that are shown.
function ways(item) {
  const at = shown.indexOf(item);
  const step = (to, text, key) => shown[to] && element("a", { href: addressOfCase(shown[to].id), rel: key, title: shown[to].title ?? shown[to].id }, text);
  return element(
    "nav",
    { class: "ways", "aria-label": "Cases" },
    element("a", { href: addressOf(filter), id: "back" }, "← All cases"),
    element("span", { class: "steps" }, step(at - 1, "Previous", "prev"), at >= 0 && element("span", { class: "place" }, `${at + 1} of ${shown.length.toLocaleString("en")}`), at >= 0 && step(at + 1, "Next", "next")),
  );
}

function head(item) {
  const facts = [
    ["strength", item.strength],
    ["profile", item.profile],
    ["goal", item.goal],
    ["lane", item.lane],
    ["needs", item.needs?.join(", ")],
    ["tags", item.tags?.join(", ")],
  ].filter(([, value]) => value);
  const sources = (list, label) => list?.length > 0 && [element("h2", { class: "minor" }, label), element("ul", { class: "links" }, list.map((address) => element("li", {}, link(address))))];
  return element(
    "section",
    { "aria-labelledby": "heading" },
    element("h1", { id: "heading" }, item.title ?? item.id),
    element("p", { class: "id" }, item.id),
    item.rule && element("p", { class: "rule" }, item.rule),
    sources(item.authority, "Authority"),
    sources(item.issues, "Upstream"),
    facts.length > 0 && element("dl", { class: "facts" }, facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))),
    !item.rule && element("p", { class: "warning" }, "The suite at hand does not have this case; this is what the results say of it."),
  );
}

// The lanes: the nearest legal trace where something is forbidden, then what each runtime printed.
function lanesOf(item) {
  const lanes = [];
  const deviating = item.cells.find((cell) => cell?.nearest !== undefined);
  if (deviating) {
    const kept = item.traces[deviating.nearest];
    lanes.push({ names: ["the rule allows"], rule: true, events: kept.events, from: kept.from ?? 0, exit: item.exit && `exit ${item.exit}` });
  }
  item.cells.forEach((cell, column) => {
    if (cell?.trace === undefined) return;
    const { events, from = 0, total } = item.traces[cell.trace];
    const at = cell.at === undefined ? undefined : cell.at - from;
    const same = item.cells.length > LANES && lanes.find((lane) => !lane.rule && lane.trace === cell.trace && lane.at === at && lane.exit === `exit ${cell.exit}` && lane.cell.verdict === cell.verdict);
    if (same) same.names.push(data.columns[column].label);
    else lanes.push({ names: [data.columns[column].label], cell, trace: cell.trace, events, from, total, at: at < 0 ? undefined : at, exit: `exit ${cell.exit}` });
  });
  return lanes;
}

function traces(item) {
  const lanes = lanesOf(item);
  if (!lanes.some((lane) => lane.cell)) return element("section", {}, element("h2", {}, "Traces"), element("p", { class: "empty" }, "It was run on none of these runtimes."));
  const rows = align(lanes);
  // A trace that ends too early breaks the rule at the first place where it has nothing.
  const ends = lanes.map((lane, index) => (lane.at !== undefined && lane.at >= lane.events.length && !lane.total ? rows.findLastIndex((row) => row[index] !== null) + 1 : -1));
  if (ends.includes(rows.length)) rows.push(new Array(lanes.length).fill(null));
  const body = rows.map((row, index) => element("tr", {}, lanes.map((_, at) => eventCell(row, at, ends[at] === index))));
  // Which event of its lane a cell holds is known only by counting.
  lanes.forEach((lane, at) => {
    let position = 0;
    rows.forEach((row, index) => {
      if (row[at] === null) return;
      if (position === lane.at) forbid(body[index].children[at], "first forbidden event");
      body[index].children[at].firstChild?.setAttribute("data-number", lane.from + position + 1);
      position++;
    });
  });
  const before = lanes.some((lane) => lane.from > 0);
  const note = (lane, events) => element("td", { class: "note" }, events > 0 ? `… ${plural(events, "more event")}` : "");
  const rest = lanes.map((lane) => (lane.total ? lane.total - lane.from - lane.events.length : 0));
  const table = element(
    "table",
    { class: "lanes" },
    element("caption", { class: "unseen" }, "Traces side by side; equal events stand in one row"),
    element("thead", {}, element("tr", {}, lanes.map((lane) => element("th", { scope: "col", class: lane.rule ? "legal" : "" }, lane.names.map((name) => element("span", { class: "name" }, foreign(name))), lane.cell && chip(lane.cell))))),
    before && element("tbody", {}, element("tr", {}, lanes.map((lane) => note(lane, lane.from)))),
    element("tbody", {}, body),
    rest.some((events) => events > 0) && element("tbody", {}, element("tr", {}, lanes.map((lane, index) => note(lane, rest[index])))),
    element("tfoot", {}, element("tr", {}, lanes.map((lane) => {
      const cell = element("td", { class: "exit" }, lane.exit ?? "");
      if (lane.cell?.end) forbid(cell, "another end than the rule wants");
      return cell;
    }))),
  );
  return element(
    "section",
    { "aria-labelledby": "traces" },
    element("h2", { id: "traces" }, "Traces"),
    element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Table of traces" }, table),
    lanes.some((lane) => lane.cell && lane.total) && element("p", { class: "hint" }, "Long traces are shortened here; the result document holds more of them."),
  );
}

function eventCell(row, at, ended) {
  const event = row[at];
  if (event === null) {
    const cell = element("td", { class: "gap" });
    if (ended) {
      cell.append(element("span", {}, "(nothing more)"));
      forbid(cell, "the trace ends too early");
    }
    return cell;
  }
  const others = row.filter((other, index) => index !== at && other !== null);
  const differs = others.length > 0 && !others.includes(event);
  return element("td", { class: differs ? "differs" : "" }, element("span", { class: "event" }, event === "" ? element("i", {}, "(empty line)") : foreign(event)));
}

// Marks the place where the rule was broken, for the eye and for who does not see it.
function forbid(cell, words) {
  cell.classList.add("forbidden");
  cell.append(element("span", { class: "unseen" }, ` (${words})`));
  cell.title = words;
}

// What was found, runtime by runtime, where there is anything to say.
function findings(item) {
  const said = item.cells.flatMap((cell, column) => {
    if (!cell || !(cell.detail || cell.stderr || cell.mark || cell.other)) return [];
    const { label, product } = data.columns[column];
    return element(
      "li",
      {},
      element("p", { class: "who" }, element("b", {}, foreign(label)), " ", chip(cell), cell.mark && element("span", { class: "beside" }, cell.verdict === "none" ? MEANINGS.none : cell.verdict), product && element("span", { class: "beside" }, product)),
      cell.detail && element("p", {}, cell.verdict === "skip" ? "lacks " : "", foreign(cell.detail)),
      cell.repeats > 1 && element("p", { class: "hint" }, `${cell.repeats.toLocaleString("en")} repeats`),
      cell.was && element("p", { class: "hint" }, "The case was called ", foreign(cell.was), " then."),
      cell.other && element("p", { class: "hint" }, "The case meant something else then: its program or its expectation differs from the suite's at hand."),
      cell.stderr && element("details", {}, element("summary", {}, "Standard error"), element("pre", { class: "stderr", tabindex: "0", role: "region", "aria-label": `Standard error of ${label}` }, foreign(cell.stderr))),
    );
  });
  return said.length > 0 && element("section", { "aria-labelledby": "findings" }, element("h2", { id: "findings" }, "Findings"), element("ul", { class: "findings" }, said));
}

function deviations(item) {
  if (!item.deviations?.length) return undefined;
  const entries = item.deviations.map(({ product, versions, kind, reason, link: address, columns, intermittent }) =>
    element(
      "li",
      {},
      element("p", { class: "who" }, element("b", {}, product), " ", element("span", { class: "versions" }, versions), " ", element("span", { class: "chip note" }, kind), intermittent && element("span", { class: "beside" }, "in some runs only"), columns.length === 0 && element("span", { class: "beside" }, "about other versions than these")),
      element("p", {}, reason),
      address && element("p", {}, element("span", { class: "beside upstream" }, "upstream "), link(address)),
    ),
  );
  return element("section", { "aria-labelledby": "deviations" }, element("h2", { id: "deviations" }, "Recorded deviations"), element("ul", { class: "findings" }, entries));
}

function sources(item) {
  if (item.program === undefined) return undefined;
  const files = (item.files ?? []).map(([name, text]) => [element("h3", {}, name), listing(text, name)]);
  return element(
    "div",
    { class: "sources" },
    element("section", { "aria-labelledby": "program" }, element("h2", { id: "program" }, "Program"), listing(item.program, `${item.entry}, the program`), files),
    element(
      "section",
      { "aria-labelledby": "allowed" },
      element("h2", { id: "allowed" }, "What the rule allows"),
      element("pre", { class: "allowed", tabindex: "0", role: "region", "aria-label": "The expectation" }, item.allowed.length ? item.allowed.join("\n") : "(nothing)"),
      element("p", { class: "hint" }, `It ends with exit ${item.exit}.`),
    ),
  );
}

// The commands that run this case again.
function again(item) {
  const commands = data.columns.flatMap(({ label, rerun }, column) => {
    if (!item.cells[column] || !rerun) return [];
    const code = element("code", { tabindex: "0" }, `${rerun} --exact ${item.id}`);
    const copy = element("button", { type: "button", "aria-label": `Copy the command for ${label}`, click: () => copyFrom(code, copy) }, "Copy");
    return element("li", {}, element("span", { class: "name" }, foreign(label)), code, copy);
  });
  return commands.length > 0 && element("section", { "aria-labelledby": "again" }, element("h2", { id: "again" }, "Run it again"), element("ul", { class: "commands" }, commands));
}

// Copies a text; where the browser does not let a page do that, it is selected for whoever presses the keys.
async function copyFrom(code, button) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 1500);
}
