import type { StarExpr } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import { type Context, compilationError } from './context.js';
import { columnOf, matchesQualifier, type Source } from './names.js';
import type { Typed } from './typed.js';

/** `*`, `t.*` with ILIKE, EXCLUDE, REPLACE and RENAME. */
export function expandStar(
  star: StarExpr,
  cx: Context,
  add: (name: string, value: Typed) => void,
  opaque: (sql: string) => void,
): void {
  const { frame } = cx;
  const qualifier = star.qualifier.map((part) => part.name);
  const sources = (frame?.sources ?? []).filter(
    (source) => qualifier.length === 0 || matchesQualifier(source, qualifier),
  );
  if (sources.length === 0)
    throw compilationError(
      cx,
      '000904',
      '42000',
      qualifier.length === 0 ? 'SELECT with no columns' : `invalid identifier '${qualifier.join('.')}'`,
      star.start,
    );
  assertNamesThere(star, sources, cx);
  const excluded = new Set(star.exclude.map((name) => name.name));
  const like = star.ilike === undefined ? undefined : likePattern(star.ilike);
  const replaced = new Map(star.replace.map((entry) => [entry.name, entry.expr]));
  const renamed = new Map(star.rename.map((entry) => [entry.from, entry.to]));
  for (const source of sources) {
    if (source.columns === undefined) {
      const out = [...excluded].map(quoteName);
      opaque(`${quoteName(source.alias)}.*${out.length > 0 ? ` EXCLUDE (${out.join(', ')})` : ''}`);
      continue;
    }
    for (const column of source.columns) {
      if (excluded.has(column.name) || (like !== undefined && !like.test(column.name))) continue;
      if (qualifier.length === 0 && source.merged.has(column.name)) continue;
      const replacement = replaced.get(column.name);
      const shared = qualifier.length === 0 ? frame?.shared.get(column.name) : undefined;
      const value = replacement === undefined ? (shared ?? columnOf(source, column)) : cx.expression(replacement, cx);
      add(renamed.get(column.name) ?? column.name, value);
    }
  }
}

/** EXCLUDE, REPLACE and RENAME name columns that are there. Throws 000904. */
function assertNamesThere(star: StarExpr, sources: readonly Source[], cx: Context): void {
  const there = new Set<string>();
  for (const { columns } of sources) {
    if (columns === undefined) return;
    for (const { name } of columns) there.add(name);
  }
  const named = [
    ...star.exclude,
    ...star.replace.map(({ name }) => ({ name, start: star.start })),
    ...star.rename.map(({ from }) => ({ name: from, start: star.start })),
  ];
  for (const { name, start } of named)
    if (!there.has(name)) throw compilationError(cx, '000904', '42000', `invalid identifier '${name}'`, start);
}

function likePattern(pattern: string): RegExp {
  const body = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${body}$`, 'i');
}
