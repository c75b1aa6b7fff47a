'use strict';
// ES modules: what an imported specifier names, and what the engine has to know of a module before it links and evaluates it.
// Authority: https://nodejs.org/api/esm.html (resolution algorithm, formats, named exports of CommonJS).

const {
  absolute, coded, folderOf, formatOf, fromUrl, isBuiltin, load, looksLikeModule, main, readSource, resolveRequire, toUrl,
} = require('internal/modules');

const files = host.modules;

const pathOf = (id) => id.replace(/[?#].*$/, '');

// What the engine calls for `import`: the name of the module that `specifier` in module `base` means.
function resolveImport(specifier, base) {
  if (base === specifier && specifier.startsWith('/')) return specifier;
  if (specifier.startsWith('node:')) {
    if (isBuiltin(specifier.slice(5))) return specifier;
    throw coded(`No such built-in module: ${specifier}`, 'ERR_UNKNOWN_BUILTIN_MODULE');
  }
  if (isBuiltin(specifier)) return `node:${specifier}`;
  if (specifier.startsWith('data:')) return specifier;
  const folder = base.startsWith('/') ? folderOf(base) : host.process.cwd();
  let path;
  if (specifier.startsWith('file:')) path = fromUrl(specifier);
  else if (/^\.{0,2}\//.test(specifier)) path = absolute(decodeURIComponent(specifier.replace(/[?#].*$/, '')), folder);
  else {
    path = require('internal/modules/packages').find(specifier, folder, 'import');
    if (path === undefined) throw coded(`Cannot find package '${specifier}' imported from ${base}`, 'ERR_MODULE_NOT_FOUND');
  }
  if (files.kind(path) === 2) {
    throw coded(`Directory import '${path}' is not supported resolving ES modules imported from ${base}`, 'ERR_UNSUPPORTED_DIR_IMPORT');
  }
  if (files.kind(path) !== 1) {
    throw coded(`Cannot find module '${path}' imported from ${base}`, 'ERR_MODULE_NOT_FOUND', { url: toUrl(path) });
  }
  // A query or fragment makes a module of its own, as with URLs.
  const suffix = /[?#].*$/.exec(specifier)?.[0] ?? '';
  return files.realPath(path) + (specifier.startsWith('node:') ? '' : suffix);
}

// A module by name: either `source` with a function that fills its `import.meta`, or the `names` of a synthetic module's exports.
function describeImport(id, type) {
  if (id.startsWith('node:')) return { names: builtinNames(id.slice(5)) };
  if (id.startsWith('data:')) return describeData(id, type);
  const path = pathOf(id);
  const format = formatOf(path);
  if (format === 'json') {
    if (type !== 'json') {
      throw Object.assign(new TypeError(`Module "${toUrl(path)}" needs an import attribute of "type: json"`),
        { code: 'ERR_IMPORT_ATTRIBUTE_MISSING' });
    }
    return { names: ['default'] };
  }
  const source = readSource(path);
  if (format === 'cjs' || (format === undefined && !looksLikeModule(source))) {
    return { names: [...new Set(['default', 'module.exports', ...namesIn(source, path)])] };
  }
  return { source, fillMeta: (meta) => fillMeta(meta, id) };
}

function describeData(url, type) {
  const [, mime, encoding, data] = /^data:([^,;]*)(?:;charset=[^,;]*)?(;base64)?,(.*)$/s.exec(url) ?? [];
  const text = encoding === undefined ? decodeURIComponent(data) : atob(data);
  if (mime === 'application/json' || type === 'json') return { names: ['default'] };
  return { source: text, fillMeta: (meta) => { meta.url = url; } };
}

function fillMeta(meta, id) {
  const path = pathOf(id);
  meta.dirname = folderOf(path);
  meta.filename = path;
  meta.main = id === host.process.entry;
  meta.resolve = (specifier) => {
    const resolved = resolveImport(`${specifier}`, path);
    return resolved.startsWith('/') ? toUrl(resolved) : resolved;
  };
  meta.url = toUrl(path) + id.slice(path.length);
}

function builtinNames(id) {
  const exports = require(id);
  const own = exports !== null && (typeof exports === 'object' || typeof exports === 'function') ? Object.keys(exports) : [];
  return [...new Set(['default', 'module.exports', ...own])];
}

// What the engine sets when a synthetic module is evaluated: export names, and their values in the same order.
function evaluateImport(id) {
  if (id.startsWith('node:')) return exportsOf(require(id.slice(5)));
  if (id.startsWith('data:')) {
    const [, encoding, data] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(id);
    return { names: ['default'], values: [JSON.parse(encoding === undefined ? decodeURIComponent(data) : atob(data))] };
  }
  const path = pathOf(id);
  if (path.endsWith('.json')) return { names: ['default'], values: [load(path).exports] };
  const { exports } = load(path, main() ?? null);
  return exportsOf(exports, exports?.__esModule ? namesIn(readSource(path), path) : undefined);
}

function exportsOf(exports) {
  const names = ['default', 'module.exports'];
  const values = [exports, exports];
  if (exports !== null && (typeof exports === 'object' || typeof exports === 'function')) {
    for (const name of Object.keys(exports)) {
      if (name === 'default') continue;
      names.push(name);
      // A getter that throws exports undefined, as in Node.
      let value;
      try { value = exports[name]; } catch { value = undefined; }
      values.push(value);
    }
  }
  return { names, values };
}

// The names that a CommonJS source assigns to its exports, as far as its text tells.
function namesIn(source, path) {
  const names = new Set();
  for (const match of source.matchAll(/\b(?:module\.)?exports\.([A-Za-z_$][\w$]*)\s*=(?!=)/g)) names.add(match[1]);
  for (const match of source.matchAll(/\bObject\.defineProperty\(\s*(?:module\.)?exports\s*,\s*['"]([^'"]+)['"]/g)) names.add(match[1]);
  for (const match of source.matchAll(/\b(?:module\.)?exports\[\s*['"]([^'"]+)['"]\s*\]\s*=(?!=)/g)) names.add(match[1]);
  for (const [, body] of source.matchAll(/\bmodule\.exports\s*=\s*\{([^}]*)\}/g)) {
    for (const item of body.split(',')) {
      const name = /^\s*(?:\.{3}.*|['"]?([A-Za-z_$][\w$]*)['"]?\s*(?:[:(].*)?)$/s.exec(item)?.[1];
      if (name !== undefined) names.add(name);
    }
  }
  for (const [, specifier] of source.matchAll(/\bmodule\.exports\s*=\s*require\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    const target = resolveRequire(specifier, path);
    const inner = target.builtin === undefined ? namesIn(readSource(target.path), target.path) : builtinNames(target.builtin);
    for (const name of inner) names.add(name);
  }
  names.delete('default');
  return names;
}

module.exports = { resolveImport, describeImport, evaluateImport };
