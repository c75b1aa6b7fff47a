// Which cases are shown. What is asked for stands in the address, so that it can be kept and shared, and "back" works.

const NOTHING = { text: "", category: "", finding: "", runtime: "" };

// Reads an address: the overview with its filter, or one case.
function route(hash) {
  const path = hash.replace(/^#\/?/, "");
  if (path.startsWith("case/")) {
    let id = path.slice(5);
    try {
      id = decodeURIComponent(id);
    } catch {
      // What cannot be decoded is no id, and is said to be none.
    }
    return { id };
  }
  const asked = new URLSearchParams(path.replace(/^\?/, ""));
  return { filter: Object.fromEntries(Object.keys(NOTHING).map((key) => [key, asked.get(key) ?? ""])) };
}

function addressOf(filter) {
  const asked = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
  return asked.size ? `#/?${asked}` : "#/";
}

function addressOfCase(id) {
  return `#/case/${id.split("/").map(encodeURIComponent).join("/")}`;
}

// What a case can be found by, in lower case; made when it is first looked for.
const texts = new WeakMap();

function textOf(item) {
  let text = texts.get(item);
  if (text === undefined) {
    const cells = item.cells.filter(Boolean).flatMap((cell) => [cell.detail ?? "", cell.mark?.[0] ?? ""]);
    text = [item.id, item.title ?? "", item.rule ?? "", ...(item.tags ?? []), ...(item.needs ?? []), ...cells].join("\n").toLowerCase();
    texts.set(item, text);
  }
  return text;
}

// What stands behind the colon of a finding that this cell has.
function has(cell, finding) {
  const [kind, word] = [finding.slice(0, finding.indexOf(":")), finding.slice(finding.indexOf(":") + 1)];
  return kind === "mark" ? cell.mark?.[0] === word : cell.verdict === word;
}

function selected(filter) {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const column = data.columns.findIndex(({ label }) => label === filter.runtime);
  return data.cases.filter((item) => {
    if (filter.category && category(item) !== filter.category) return false;
    const cells = (filter.runtime ? [item.cells[column]] : item.cells).filter(Boolean);
    if (!cells.some((cell) => !filter.finding || has(cell, filter.finding))) return false;
    return words.every((word) => textOf(item).includes(word));
  });
}
