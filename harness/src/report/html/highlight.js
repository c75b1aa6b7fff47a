// A program in colours: as much of the language's grammar as that takes.

const WORDS = new Set(
  ("async await break case catch class const continue debugger default delete do else export extends finally for from function get if " +
    "import in instanceof let new of return set static super switch this throw try typeof var void while with yield").split(" "),
);
const VALUES = new Set(["true", "false", "null", "undefined", "NaN", "Infinity"]);

// Comments, strings, numbers, names; then regular expressions, which only a look at what stands before can tell from division.
const TOKEN =
  /(\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(`(?:\\[\s\S]|[^`\\])*`?|'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?)|(0[xXbBoO][\da-fA-F_]+n?|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?n?)|([A-Za-z_$][\w$]*)|(\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*)|(\s+)|([\s\S])/g;

// Splits a program into [kind, text]; joined, the texts are the program again.
function tokens(program) {
  const found = [];
  let before = "";
  TOKEN.lastIndex = 0;
  let match;
  while ((match = TOKEN.exec(program))) {
    const [text, comment, string, number, name, pattern, space] = match;
    if (comment) found.push(["comment", text]);
    else if (space) found.push(["", text]);
    else {
      if (pattern && /[\w$)\]]$/.test(before) && !/\b(?:return|typeof|case|of|in)$/.test(before)) {
        // A division after all: take the stroke alone and go on behind it.
        TOKEN.lastIndex = match.index + 1;
        found.push(["", "/"]);
        before = "/";
        continue;
      }
      const kind = string || pattern ? "string" : number ? "number" : name && WORDS.has(name) ? "word" : name && VALUES.has(name) ? "number" : "";
      found.push([kind, text]);
      before = text;
    }
  }
  return found;
}

// The program as lines with numbers.
function listing(program, label) {
  const lines = [[]];
  for (const [kind, text] of tokens(program)) {
    text.split("\n").forEach((part, index) => {
      if (index > 0) lines.push([]);
      if (part) lines[lines.length - 1].push(kind ? element("span", { class: `code-${kind}` }, part) : part);
    });
  }
  const code = element("code", {}, lines.map((parts) => element("span", { class: "line" }, parts, "\n")));
  return element("pre", { class: "listing", tabindex: "0", role: "region", "aria-label": label }, code);
}
