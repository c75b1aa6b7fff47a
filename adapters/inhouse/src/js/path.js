'use strict';
// Node's `path`, in its POSIX form. Authority: https://nodejs.org/api/path.html

const validate = require('internal/validate');

// Resolves `.` and `..` and repeated slashes; `..` beyond the start stays only in relative paths.
function tidy(path, isAbsolute) {
  const parts = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !isAbsolute) parts.push(part);
  }
  return parts.join('/');
}

function normalize(path) {
  validate.string(path, 'path');
  if (path === '') return '.';
  const isAbsolute = path.startsWith('/');
  const tidied = tidy(path, isAbsolute);
  if (tidied === '') return isAbsolute ? '/' : path.endsWith('/') ? './' : '.';
  return `${isAbsolute ? '/' : ''}${tidied}${path.endsWith('/') ? '/' : ''}`;
}

function join(...parts) {
  parts.forEach((part) => validate.string(part, 'path'));
  const joined = parts.filter((part) => part !== '').join('/');
  return joined === '' ? '.' : normalize(joined);
}

function resolve(...parts) {
  let path = '';
  for (let at = parts.length - 1; at >= 0 && !path.startsWith('/'); at--) {
    validate.string(parts[at], `paths[${at}]`);
    if (parts[at] !== '') path = path === '' ? parts[at] : `${parts[at]}/${path}`;
  }
  if (!path.startsWith('/')) path = `${host.process.cwd()}/${path}`;
  return `/${tidy(path, true)}`;
}

function relative(from, to) {
  validate.string(from, 'from');
  validate.string(to, 'to');
  const split = (path) => resolve(path).split('/').filter((part) => part !== '');
  const start = split(from);
  const end = split(to);
  let same = 0;
  while (same < start.length && same < end.length && start[same] === end[same]) same++;
  return [...Array(start.length - same).fill('..'), ...end.slice(same)].join('/');
}

const withoutSlashes = (path) => path.replace(/\/+$/, '');

function dirname(path) {
  validate.string(path, 'path');
  const trimmed = withoutSlashes(path);
  if (trimmed === '') return path === '' ? '.' : '/';
  const at = trimmed.lastIndexOf('/');
  if (at === -1) return '.';
  return withoutSlashes(trimmed.slice(0, at)) || (trimmed.startsWith('//') && at === 1 ? '//' : '/');
}

function basename(path, suffix) {
  if (suffix !== undefined) validate.string(suffix, 'suffix');
  validate.string(path, 'path');
  const trimmed = withoutSlashes(path);
  const base = trimmed.slice(trimmed.lastIndexOf('/') + 1);
  return suffix !== undefined && base !== suffix && base.endsWith(suffix) ? base.slice(0, base.length - suffix.length) : base;
}

function extname(path) {
  const base = basename(path);
  const at = base.lastIndexOf('.');
  return at <= 0 || base === '..' ? '' : base.slice(at);
}

function format(parts) {
  validate.object(parts, 'pathObject');
  const dir = parts.dir || parts.root;
  const extension = parts.ext ? `${parts.ext.startsWith('.') ? '' : '.'}${parts.ext}` : '';
  const base = parts.base || `${parts.name ?? ''}${extension}`;
  if (!dir) return base;
  return dir === parts.root ? `${dir}${base}` : `${dir}/${base}`;
}

function parse(path) {
  validate.string(path, 'path');
  const root = path.startsWith('/') ? '/' : '';
  const base = basename(path);
  const ext = extname(path);
  const trimmed = withoutSlashes(path);
  const at = trimmed.lastIndexOf('/');
  return { root, dir: at > 0 ? trimmed.slice(0, at) : at === 0 ? '/' : root, base, ext, name: base.slice(0, base.length - ext.length) };
}

function isAbsolute(path) {
  validate.string(path, 'path');
  return path.startsWith('/');
}

function matchesGlob(path, pattern) {
  validate.string(path, 'path');
  validate.string(pattern, 'pattern');
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*\*\/?|\*|\?/g, (wildcard) => {
    if (wildcard.startsWith('**')) return '.*';
    return wildcard === '*' ? '[^/]*' : '[^/]';
  });
  return new RegExp(`^${source}$`).test(normalize(path));
}

const path = {
  resolve, normalize, isAbsolute, join, relative, toNamespacedPath: (name) => name, dirname, basename, extname, format, parse,
  matchesGlob, sep: '/', delimiter: ':',
};
path.posix = path;
module.exports = path;
