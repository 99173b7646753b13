import type { Ident, Sample } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import { type Context, freshAlias } from './context.js';
import type { Frame, OutColumn, Source } from './names.js';
import type { Typed } from './typed.js';

/** A FROM clause as DuckDB text, and the names that it brings. */
export interface EmittedFrom {
  readonly sql: string;
  readonly sources: readonly Source[];
  /** The columns that USING and NATURAL make one of two. */
  readonly shared: ReadonlyMap<string, Typed>;
}

/** The names of `sources`, those of the statement around behind them. */
export function frameOf(sources: readonly Source[], cx: Context): Frame {
  return { sources, shared: new Map(), alias: () => undefined, parent: cx.frame };
}

export interface Named {
  readonly columnAliases: readonly Ident[];
  readonly sample?: Sample;
}

/** Puts the item under its name: the alias, or the table's own; a name that was taken gets another one in the DuckDB text. */
export function aliased(
  item: Named,
  alias: Ident | undefined,
  sql: string,
  columns: readonly OutColumn[] | undefined,
  path: readonly string[],
  cx: Context,
  before: readonly Source[],
  ownName?: string,
  row?: string,
): EmittedFrom {
  const name = alias?.name ?? ownName;
  const taken = name === undefined || before.some((source) => source.alias.toLowerCase() === name.toLowerCase());
  const emitAlias = taken ? freshAlias(cx, name ?? 'Q') : name;
  const renames = item.columnAliases.map((column) => column.name);
  const named = columns?.map(
    (column, i): OutColumn => ({
      name: renames[i] ?? column.name,
      type: column.type,
      ...(renames[i] === undefined && column.duck !== undefined ? { duck: column.duck } : {}),
    }),
  );
  const list = renames.length === 0 ? '' : `(${renames.map(quoteName).join(', ')})`;
  const sample = item.sample === undefined ? '' : ` ${sampleClause(item.sample, cx)}`;
  const source: Source = {
    name,
    path: alias === undefined ? path : [],
    alias: emitAlias,
    columns: named,
    merged: new Set(),
    ...(row === undefined ? {} : { row: `${quoteName(emitAlias)}.${quoteName(row)}` }),
  };
  return { sql: `${sql} AS ${quoteName(emitAlias)}${list}${sample}`, sources: [source], shared: new Map() };
}

function sampleClause(sample: Sample, cx: Context): string {
  const size = cx.expression(sample.size, cx).sql;
  const seed = sample.seed === undefined ? '' : ` REPEATABLE (${cx.expression(sample.seed, cx).sql})`;
  if (sample.rows) return `TABLESAMPLE reservoir(${size} ROWS)${seed}`;
  return `TABLESAMPLE ${sample.method === 'SYSTEM' ? 'system' : 'bernoulli'}(${size} PERCENT)${seed}`;
}
