import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { column, NUMBER } from '../../engine/result-table.js';
import { resultTableSql } from '../../engine/result-table-sql.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { InferredType } from '../../engine/stages/inferred-type.js';
import { recordsOf } from '../../engine/stages/read-file.js';
import type { StagedFile } from '../../engine/stages/stage-files.js';
import type { StageLocation } from '../../engine/stages/stage-location.js';
import type { Relation } from '../scope.js';
import type { FileFormat, FormatOptions } from './file-format.js';
import { parquetColumns } from './load-plan.js';
import { formatFor } from './named-format.js';
import { filesAt } from './staged-files.js';

/** Records between two looks at whether the statement was cancelled. */
const LOOK_EVERY = 4_096;

interface InferredColumn {
  readonly name: string;
  readonly type: string;
  /** How the column is read from a staged file. */
  readonly expression: string;
}

/** TABLE(INFER_SCHEMA(LOCATION => '@stage', FILE_FORMAT => 'format' [, FILES => …] [, IGNORE_CASE => TRUE])). */
export async function inferSchema(
  location: StageLocation,
  options: FormatOptions,
  { files, ignoreCase }: { readonly files: readonly string[]; readonly ignoreCase: boolean },
  context: CommandContext,
): Promise<Relation> {
  const format = formatFor(options, location.stage, context);
  const there = await filesAt(location, undefined, context);
  const wanted = files.length === 0 ? there : there.filter(({ path }) => files.some((name) => path.endsWith(name)));
  const found = new Map<string, InferredColumn & { files: string[] }>();
  for (const file of wanted) {
    for (const item of await columnsOf(file, format, context)) {
      const name = ignoreCase ? item.name.toUpperCase() : item.name;
      const known = found.get(name);
      if (known === undefined) found.set(name, { ...item, name, files: [file.path] });
      else
        found.set(name, {
          ...known,
          type: known.type === item.type ? item.type : 'TEXT',
          files: [...known.files, file.path],
        });
    }
  }
  const table = {
    columns: [
      column('COLUMN_NAME'),
      column('TYPE'),
      column('NULLABLE', { name: 'BOOLEAN' }),
      column('EXPRESSION'),
      column('FILENAMES'),
      column('ORDER_ID', NUMBER),
    ],
    rows: [...found.values()].map(({ name, type, expression, files: paths }, i) => [
      name,
      type,
      '1',
      `${expression}::${type}`,
      paths.join(', '),
      String(i),
    ]),
  };
  return { kind: 'rows', sql: resultTableSql(table), columns: table.columns };
}

async function columnsOf(file: StagedFile, format: FileFormat, context: CommandContext): Promise<InferredColumn[]> {
  if (format.type === 'PARQUET') {
    const columns = await parquetColumns(context.connection, file);
    return columns.map(({ name, type }) => ({ name, type: inferredType(type), expression: `$1:${name}` }));
  }
  const columns = new Map<string, InferredType>();
  let header: readonly (string | null)[] | undefined;
  let seen = 0;
  for await (const { fields, malformed } of recordsOf(file, format)) {
    if (malformed !== undefined) throw new LocalError('100069', '22P02', malformed);
    if (format.type === 'CSV' && format.parseHeader && header === undefined) {
      header = fields;
      continue;
    }
    seen += 1;
    if (seen % LOOK_EVERY === 0) context.signal.throwIfAborted();
    const named =
      format.type === 'CSV' ? fields.map((text, i) => [header?.[i] ?? `c${i + 1}`, text] as const) : keysOf(fields[0]);
    for (const [name, text] of named) {
      const known = columns.get(name) ?? new InferredType();
      if (text !== null) known.add(text);
      columns.set(name, known);
    }
  }
  return [...columns].map(([name, { type }], i) => ({
    name,
    type,
    expression: format.type === 'CSV' ? `$${i + 1}` : `$1:${name}`,
  }));
}

function keysOf(document: string | null | undefined): (readonly [string, string | null])[] {
  const value: unknown = JSON.parse(document ?? 'null');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).map(([key, item]) => [
    key,
    item === null ? null : typeof item === 'object' ? JSON.stringify(item) : String(item),
  ]);
}

function inferredType(type: SnowflakeType): string {
  if (type.name === 'FIXED') return `NUMBER(${type.precision}, ${type.scale})`;
  return type.name;
}
