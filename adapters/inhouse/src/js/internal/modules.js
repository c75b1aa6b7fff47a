'use strict';
// The program's modules: what a specifier names, and CommonJS. ES modules are linked and evaluated by the engine, which asks here.
// Authority: https://nodejs.org/api/modules.html and https://nodejs.org/api/esm.html (resolution algorithms, formats, named exports of CommonJS).

const files = host.modules;
const cache = Object.create(null);
let main;
let mainPromise;

// A page has no builtin modules.
const isBuiltin = (id) => !host.process.page && files.isBuiltin(id);

function coded(message, code, extra) {
  const error = new Error(message);
  error.code = code;
  return Object.assign(error, extra);
}

// ---- Paths ----------------------------------------------------------------------------------

// Makes `path`, relative to folder `base` unless absolute, absolute and free of `.` and `..`.
function absolute(path, base) {
  const parts = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

const folderOf = (path) => path.slice(0, path.lastIndexOf('/')) || '/';
const toUrl = (path) => `file://${encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23')}`;
const fromUrl = (url) => decodeURIComponent(url.slice('file://'.length).replace(/[?#].*$/, ''));

// ---- Resolution -----------------------------------------------------------------------------

const EXTENSIONS = ['.js', '.json', '.cjs', '.mjs'];

function asFile(path) {
  if (files.kind(path) === 1) return path;
  return EXTENSIONS.map((extension) => path + extension).find((candidate) => files.kind(candidate) === 1);
}

function readPackage(folder) {
  const text = files.read(`${folder}/package.json`);
  return text === undefined || text === null ? undefined : JSON.parse(text);
}

function asFolder(path) {
  if (files.kind(path) !== 2) return undefined;
  const entry = readPackage(path)?.main;
  if (typeof entry === 'string') {
    const target = absolute(entry, path);
    const found = asFile(target) ?? asFile(`${target}/index`);
    if (found !== undefined) return found;
  }
  return asFile(`${path}/index`);
}

function fromPackages(name, folder, conditions) {
  const [, packageName, rest] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(name) ?? [];
  for (let at = folder; ; at = folderOf(at)) {
    const home = `${at === '/' ? '' : at}/node_modules/${packageName}`;
    if (packageName !== undefined && files.kind(home) === 2) {
      const exported = readPackage(home)?.exports;
      const target = exported === undefined ? undefined : pickExport(exported, `.${rest}`, conditions);
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

function resolveRequire(specifier, from) {
  if (specifier.startsWith('node:')) {
    const id = specifier.slice(5);
    if (isBuiltin(id)) return { builtin: id };
    throw coded(`No such built-in module: ${specifier}`, 'ERR_UNKNOWN_BUILTIN_MODULE');
  }
  if (isBuiltin(specifier)) return { builtin: specifier };
  const folder = folderOf(from);
  const path = /^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..'
    ? [absolute(specifier, folder)].map((base) => (specifier.endsWith('/') ? undefined : asFile(base)) ?? asFolder(base))[0]
    : fromPackages(specifier, folder, ['node', 'require', 'module-sync', 'default']);
  if (path === undefined) {
    throw coded(`Cannot find module '${specifier}'\nRequire stack:\n- ${from}`, 'MODULE_NOT_FOUND', { requireStack: [from] });
  }
  return { path: files.realPath(path) };
}

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
    path = fromPackages(specifier, folder, ['node', 'import', 'module-sync', 'default']);
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

const pathOf = (id) => id.replace(/[?#].*$/, '');

// ---- Formats --------------------------------------------------------------------------------

function formatOf(path) {
  if (path.endsWith('.mjs')) return 'esm';
  if (path.endsWith('.cjs')) return 'cjs';
  if (path.endsWith('.json')) return 'json';
  for (let at = folderOf(path); ; at = folderOf(at)) {
    const type = readPackage(at === '/' ? '' : at)?.type;
    if (type !== undefined) return type === 'module' ? 'esm' : 'cjs';
    if (at === '/') return undefined;
  }
}

// A `.js` file that nobody declared is CommonJS unless it has the syntax of a module.
function looksLikeModule(source) {
  return /^\s*(?:import[\s{*"']|export[\s{*])/m.test(source) || /\bimport\.meta\b/.test(source);
}

let repairedGenerators = false;

function readSource(path) {
  const source = files.read(path);
  if (!repairedGenerators && /\basync(?:\s+function)?\s*\*/.test(source)) {
    repairedGenerators = true;
    require('internal/repairs').install();
  }
  if (source === undefined || source === null) throw coded(`Cannot find module '${path}'`, 'MODULE_NOT_FOUND');
  return source;
}

// ---- CommonJS -------------------------------------------------------------------------------

class Module {
  constructor(id, parent) {
    this.id = id;
    this.path = folderOf(id);
    this.exports = {};
    this.filename = id;
    this.loaded = false;
    this.children = [];
    this.paths = [];
    parent?.children.push(this);
  }

  require(specifier) {
    require('internal/validate').string(specifier, 'id');
    const { builtin, path } = resolveRequire(specifier, this.filename);
    return builtin === undefined ? load(path, this).exports : require(builtin);
  }
}

function makeRequire(module) {
  const own = (specifier) => module.require(specifier);
  own.resolve = (specifier) => {
    const { builtin, path } = resolveRequire(specifier, module.filename);
    return path ?? (specifier.startsWith('node:') ? specifier : builtin);
  };
  own.main = main;
  own.cache = cache;
  own.extensions = Object.create(null);
  Object.defineProperty(own, 'name', { value: 'require', configurable: true });
  return own;
}

function load(path, parent) {
  const known = cache[path];
  if (known !== undefined) return known;
  const module = new Module(path, parent);
  cache[path] = module;
  if (parent === undefined && main === undefined) {
    main = module;
    module.id = '.';
  }
  try {
    run(module, path);
    module.loaded = true;
  } finally {
    if (!module.loaded) delete cache[path];
  }
  return module;
}

function run(module, path) {
  const format = formatOf(path);
  if (format === 'json') {
    try {
      module.exports = JSON.parse(readSource(path));
    } catch (error) {
      error.message = `${path}: ${error.message}`;
      throw error;
    }
    return;
  }
  const source = readSource(path);
  if (format === 'esm' || (format === undefined && looksLikeModule(source))) {
    module.exports = requireModule(path);
    return;
  }
  const body = files.compile(source, path);
  body.call(module.exports, module.exports, makeRequire(module), module, path, module.path);
}

// require() of an ES module: evaluated at once, which a top-level await forbids.
function requireModule(path) {
  const [promise, wrapper] = files.evaluateNow(path);
  const [state, reason] = host.util.promiseState(promise);
  host.util.markHandled(promise);
  if (state === 2) throw reason;
  if (state === 1) {
    const { namespace } = wrapper;
    return 'module.exports' in namespace ? namespace['module.exports'] : namespace;
  }
  throw coded(`require() cannot be used on an ESM graph with top-level await. Use import() instead.\n  From ${path}`,
    'ERR_REQUIRE_ASYNC_MODULE');
}

// ---- What the engine asks for ES modules ----------------------------------------------------

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
  const { exports } = load(path, main ?? null);
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

// ---- The entry ------------------------------------------------------------------------------

function runMain(goal) {
  const { entry, source } = host.process;
  if (typeof source === 'string' && goal !== 'esm') {
    runSource(source, entry);
    return;
  }
  if (!entry.startsWith('data:') && files.kind(entry) !== 1) {
    throw coded(`Cannot find module '${entry}'`, 'MODULE_NOT_FOUND', { requireStack: [] });
  }
  if (goal === 'script') {
    files.runScript(readSource(entry), entry);
  } else if (goal === 'cjs' && !(formatOf(entry) === undefined && looksLikeModule(readSource(entry))) && formatOf(entry) !== 'esm') {
    load(files.realPath(entry));
  } else if (goal === 'cjs') {
    files.enqueue(runMainModule);
  } else {
    runMainModule();
  }
}

// A program without a file, which may `require` relative to the working directory.
function runSource(source, path) {
  main = new Module(path);
  main.id = '.';
  files.compile(source, path).call(main.exports, main.exports, makeRequire(main), main, path, main.path);
}

function runMainModule() {
  mainPromise = files.import(host.process.entry);
  mainPromise.then(undefined, (error) => host.reportUncaught(error, true));
}

// Whether the entry is a module whose top-level await is still pending.
function mainIsUnsettled() {
  return mainPromise !== undefined && host.util.promiseState(mainPromise)[0] === 0;
}

function createRequire(from) {
  const path = `${from}`.startsWith('file:') ? fromUrl(`${from}`) : `${from}`;
  return makeRequire(new Module(path, null));
}

module.exports = { runMain, resolveImport, describeImport, evaluateImport, mainIsUnsettled, createRequire, Module, isBuiltin, absolute, formatOf };
