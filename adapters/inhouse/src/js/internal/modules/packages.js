'use strict';
// Folders with a `package.json`, and packages in `node_modules`.
// Authority: https://nodejs.org/api/modules.html#all-together and https://nodejs.org/api/packages.html

const { absolute, asFile, folderOf } = require('internal/modules');

const files = host.modules;

// The conditions of `exports` that hold, by who asks.
const CONDITIONS = {
  require: ['node', 'require', 'module-sync', 'default'],
  import: ['node', 'import', 'module-sync', 'default'],
};

function read(folder) {
  const text = files.read(`${folder}/package.json`);
  return text === undefined || text === null ? undefined : JSON.parse(text);
}

function asFolder(path) {
  if (files.kind(path) !== 2) return undefined;
  const entry = read(path)?.main;
  if (typeof entry === 'string') {
    const target = absolute(entry, path);
    const found = asFile(target) ?? asFile(`${target}/index`);
    if (found !== undefined) return found;
  }
  return asFile(`${path}/index`);
}

function find(name, folder, by) {
  const [, packageName, rest] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(name) ?? [];
  for (let at = folder; ; at = folderOf(at)) {
    const home = `${at === '/' ? '' : at}/node_modules/${packageName}`;
    if (packageName !== undefined && files.kind(home) === 2) {
      const exported = read(home)?.exports;
      const target = exported === undefined ? undefined : pickExport(exported, `.${rest}`, CONDITIONS[by]);
      if (target !== undefined) return absolute(target, home);
      const found = asFile(home + rest) ?? asFolder(home + rest);
      if (found !== undefined) return found;
    }
    if (at === '/') return undefined;
  }
}

// The target of a package's `exports` for a subpath.
function pickExport(exported, subpath, conditions) {
  const bySubpath = exported !== null && typeof exported === 'object' && Object.keys(exported).some((key) => key.startsWith('.'));
  let target = bySubpath ? exported[subpath] : subpath === '.' ? exported : undefined;
  while (target !== null && typeof target === 'object') {
    const candidates = Array.isArray(target) ? target : Object.keys(target).filter((key) => conditions.includes(key)).map((key) => target[key]);
    [target] = candidates;
  }
  return target ?? undefined;
}

module.exports = { read, asFolder, find };
