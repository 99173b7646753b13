import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { column, NUMBER } from '../../engine/result-table.js';
import { resultTableSql } from '../../engine/result-table-sql.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { recordsOf } from '../../engine/stages/read-file.js';
import type { StagedFile } from '../../engine/stages/stage-files.js';
import type { StageLocation } from '../../engine/stages/stage-location.js';
import type { Relation } from '../scope.js';
import type { FileFormat, FormatOptions } from './file-format.js';
import { parquetColumns } from './load-plan.js';
import { formatFor } from './named-format.js';
import { filesAt } from './staged-files.js';

/** Records of a file that are looked at. */
const MOST_RECORDS = 1_000;

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
  const values = new Map<string, string[]>();
  let header: readonly (string | null)[] | undefined;
  let seen = 0;
  for await (const { fields, malformed } of recordsOf(file, format)) {
    if (malformed !== undefined) throw new LocalError('100069', '22P02', malformed);
    if (format.type === 'CSV' && format.parseHeader && header === undefined) {
      header = fields;
      continue;
    }
    const named =
      format.type === 'CSV' ? fields.map((text, i) => [header?.[i] ?? `c${i + 1}`, text] as const) : keysOf(fields[0]);
    for (const [name, text] of named) {
      const texts = values.get(name) ?? [];
      if (text !== null) texts.push(text);
      values.set(name, texts);
    }
    seen += 1;
    if (seen >= MOST_RECORDS) break;
  }
  return [...values].map(([name, texts], i) => ({
    name,
    type: typeOfTexts(texts),
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

/** The type that all of the texts are of. */
function typeOfTexts(texts: readonly string[]): string {
  const all = (pattern: RegExp): boolean => texts.length > 0 && texts.every((text) => pattern.test(text));
  if (all(/^[+-]?\d{1,38}(\.\d{1,37})?$/)) {
    const scale = Math.max(...texts.map((text) => text.split('.')[1]?.length ?? 0));
    const whole = Math.max(...texts.map((text) => (text.split('.')[0] ?? '').replace(/^[+-]?0*/, '').length));
    return `NUMBER(${Math.min(38, Math.max(1, whole + scale))}, ${scale})`;
  }
  if (all(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)) return 'REAL';
  if (all(/^(true|false)$/i)) return 'BOOLEAN';
  if (all(/^\d{4}-\d{2}-\d{2}$/)) return 'DATE';
  if (all(/^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/)) return 'TIME';
  if (all(/^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/)) return 'TIMESTAMP_NTZ';
  if (all(/^\{.*\}$/s)) return 'OBJECT';
  return all(/^\[.*\]$/s) ? 'ARRAY' : 'TEXT';
}

function inferredType(type: SnowflakeType): string {
  if (type.name === 'FIXED') return `NUMBER(${type.precision}, ${type.scale})`;
  return type.name;
}
