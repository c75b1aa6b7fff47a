'use strict';
// The program's entry, its files and CommonJS. ES modules are linked and evaluated by the engine, which asks `internal/modules/esm`.
// Authority: https://nodejs.org/api/modules.html

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

const packages = () => require('internal/modules/packages');

const EXTENSIONS = ['.js', '.json', '.cjs', '.mjs'];

function asFile(path) {
  if (files.kind(path) === 1) return path;
  return EXTENSIONS.map((extension) => path + extension).find((candidate) => files.kind(candidate) === 1);
}

function resolveRequire(specifier, from) {
  if (specifier.startsWith('node:')) {
    const id = specifier.slice(5);
    if (isBuiltin(id)) return { builtin: id };
    throw coded(`No such built-in module: ${specifier}`, 'ERR_UNKNOWN_BUILTIN_MODULE');
  }
  if (isBuiltin(specifier)) return { builtin: specifier };
  const folder = folderOf(from);
  let path;
  if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..') {
    const base = absolute(specifier, folder);
    if (!specifier.endsWith('/')) path = asFile(base);
    path ??= packages().asFolder(base);
  } else {
    path = packages().find(specifier, folder, 'require');
  }
  if (path === undefined) {
    throw coded(`Cannot find module '${specifier}'\nRequire stack:\n- ${from}`, 'MODULE_NOT_FOUND', { requireStack: [from] });
  }
  return { path: files.realPath(path) };
}

// ---- Formats --------------------------------------------------------------------------------

function formatOf(path) {
  if (path.endsWith('.mjs')) return 'esm';
  if (path.endsWith('.cjs')) return 'cjs';
  if (path.endsWith('.json')) return 'json';
  for (let at = folderOf(path); ; at = folderOf(at)) {
    const type = packages().read(at === '/' ? '' : at)?.type;
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

module.exports = {
  absolute, asFile, coded, createRequire, folderOf, formatOf, fromUrl, isBuiltin, load, looksLikeModule, main: () => main, mainIsUnsettled, Module,
  readSource, resolveRequire, runMain, toUrl,
};
