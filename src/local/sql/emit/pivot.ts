import type { FromItem } from '../grammar/ast.js';
import { duckString, quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { castTo } from './coerce.js';
import { expressionName } from './column-names.js';
import { type Context, compilationError, type EmittedQuery } from './context.js';
import type { OutColumn, Source } from './names.js';
import { columnOf } from './names.js';
import { compare } from './operators.js';
import { commonType, isSnowflakeType, TEXT, type Typed } from './typed.js';

interface From {
  readonly sql: string;
  readonly sources: readonly Source[];
}

function knownColumns(from: From, what: string): { column: OutColumn; value: Typed }[] {
  return from.sources.flatMap((source) => {
    if (source.columns === undefined) throw unsupported(`${what} over rows whose columns are not known`);
    return source.columns.map((column) => ({ column, value: columnOf(source, column) }));
  });
}

/** PIVOT as one conditional aggregate per value, grouped by all columns that the pivot does not use. */
export function emitPivot(item: FromItem & { kind: 'pivot' }, cx: Context, from: From): EmittedQuery {
  if (item.values === 'ANY' || !Array.isArray(item.values)) throw unsupported('PIVOT with ANY or a subquery');
  const inner: Context = {
    ...cx,
    frame: { sources: from.sources, shared: new Map(), alias: () => undefined, parent: cx.frame },
  };
  const columns = knownColumns(from, 'PIVOT');
  const pivoted = columns.find(({ column }) => column.name === item.column.name);
  if (pivoted === undefined)
    throw compilationError(cx, '000904', '42000', `invalid identifier '${item.column.name}'`, item.column.start);
  const argument = item.aggregate.args[0]?.value;
  const used = new Set([item.column.name]);
  if (argument?.kind === 'column') used.add(argument.parts[argument.parts.length - 1]?.name ?? '');
  const kept = columns.filter(({ column }) => !used.has(column.name));
  const outputs: string[] = kept.map(({ column, value }) => `${value.sql} AS ${quoteName(column.name)}`);
  const out: OutColumn[] = kept.map(({ column }) => ({ name: column.name, type: column.type }));
  for (const { value, alias } of item.values) {
    const label = inner.expression(value, inner);
    const name =
      alias ??
      (typeof label.literal === 'string'
        ? `'${label.literal}'`
        : expressionName(cx.text.slice(value.start, value.end)));
    const condition = compare('=', pivoted.value, label).sql;
    const aggregate = inner.call(
      { ...item.aggregate, filter: { kind: 'boolean', value: true, start: 0, end: 0 } },
      inner,
    );
    let sql = aggregate.sql.replace('FILTER (WHERE TRUE)', `FILTER (WHERE ${condition})`);
    if (item.defaultOnNull !== undefined) sql = `COALESCE(${sql}, ${inner.expression(item.defaultOnNull, inner).sql})`;
    outputs.push(`${sql} AS ${quoteName(name)}`);
    out.push({ name, type: aggregate.type });
  }
  const groups = kept.map(({ value }) => value.sql);
  return {
    sql: `SELECT ${outputs.join(', ')} FROM ${from.sql}${groups.length > 0 ? ` GROUP BY ${groups.join(', ')}` : ''}`,
    columns: out,
  };
}

/** UNPIVOT as one SELECT per column; rows whose value is NULL are left out unless INCLUDE NULLS. */
export function emitUnpivot(item: FromItem & { kind: 'unpivot' }, cx: Context, from: From): EmittedQuery {
  const columns = knownColumns(from, 'UNPIVOT');
  const names = new Set(item.columns.map((column) => column.name.name));
  const kept = columns.filter(({ column }) => !names.has(column.name));
  const picked = item.columns.map((entry) => {
    const found = columns.find(({ column }) => column.name === entry.name.name);
    if (found === undefined)
      throw compilationError(cx, '000904', '42000', `invalid identifier '${entry.name.name}'`, entry.name.start);
    return { ...found, label: entry.alias ?? entry.name.name };
  });
  const type = picked.map(({ value }) => value.type).reduce(commonType);
  const arms = picked.map(({ value, label }) => {
    const cast = isSnowflakeType(type) ? castTo(value, type).sql : value.sql;
    const outputs = [
      ...kept.map((k) => `${k.value.sql} AS ${quoteName(k.column.name)}`),
      `${duckString(label)} AS ${quoteName(item.name.name)}`,
      `${cast} AS ${quoteName(item.value.name)}`,
    ];
    return `SELECT ${outputs.join(', ')} FROM ${from.sql}${item.includeNulls ? '' : ` WHERE ${value.sql} IS NOT NULL`}`;
  });
  const out = [
    ...kept.map(({ column }): OutColumn => ({ name: column.name, type: column.type })),
    { name: item.name.name, type: TEXT },
    { name: item.value.name, type },
  ];
  return { sql: arms.join(' UNION ALL '), columns: out };
}
