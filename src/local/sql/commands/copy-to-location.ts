import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { column, NUMBER, type ResultTable } from '../../engine/result-table.js';
import type { Compression } from '../../engine/stages/decompress.js';
import { staysInside } from '../../engine/stages/stage-files.js';
import { type UnloadedFile, UnloadWriter } from '../../engine/stages/unload-writer.js';
import { castTo } from '../emit/cast.js';
import { textOf } from '../emit/text-casts.js';
import { duckString, quoteName } from '../lexer.js';
import { translateExpression } from '../translate.js';
import type { FileFormat } from './file-format.js';
import { formatFor } from './named-format.js';
import { parseUnload, type UnloadStatement } from './unload-statement.js';
import { headerLine, type UnloadedColumn, unloadedLine } from './unloaded-text.js';

const ENDINGS: Readonly<Record<Compression, string>> = {
  AUTO: '.gz',
  GZIP: '.gz',
  BROTLI: '.br',
  DEFLATE: '.deflate',
  RAW_DEFLATE: '.raw_deflate',
  NONE: '',
};

interface Unload {
  readonly statement: UnloadStatement;
  readonly format: FileFormat;
  readonly columns: readonly UnloadedColumn[];
  /** DuckDB SQL of the rows: `c0`, `c1`, … and `part`, the folder of each. */
  readonly rows: string;
  readonly context: CommandContext;
}

/** COPY INTO @stage FROM table | (query): CSV, JSON (one document a line) or Parquet. */
export const copyToLocation: Command = async (cursor, context) => {
  const statement = await parseUnload(cursor, context);
  const translated = context.translateQuery(statement.query, 'COPY');
  const described = await context.describe(translated);
  if (statement.returnRows) {
    return { statementTypeId: STATEMENT_TYPE.copy, table: await context.read(translated.sql, described) };
  }
  const format = formatFor(statement.format, statement.location.stage, context);
  const columns = described.map(({ name, type }) => ({ name, type }));
  // Refuses what the format cannot hold before anything is read.
  if (format.type !== 'PARQUET') unloadedLine(columns, format, context);
  const list = columns.map((_, i) => `"c${i}"`).join(', ');
  const part = partOf(statement, columns, context);
  const rows = `SELECT *, ${part} AS "part" FROM (${translated.sql}) AS "src"(${list})`;
  const files = await unload({ statement, format, columns, rows, context });
  return { statementTypeId: STATEMENT_TYPE.copy, table: resultOf(files, statement) };
};

function partOf({ partitionBy }: UnloadStatement, columns: readonly UnloadedColumn[], context: CommandContext): string {
  if (partitionBy === undefined) return "''";
  const named = columns.map(({ name, type }) => ({ name, type, nullable: true }));
  const sql = translateExpression(partitionBy, context.scope('COPY'), named);
  // The expression names the columns as the query does; here they are c0, c1, …
  const row = columns.map(({ name }, i) => `"c${i}" AS ${quoteName(name)}`).join(', ');
  return `(SELECT coalesce(CAST(${sql} AS VARCHAR), '_NULL_') FROM (SELECT ${row}) AS "one")`;
}

async function unload(job: Unload): Promise<UnloadedFile[]> {
  const { rows, context, format, statement } = job;
  const parts = await context.rows(`SELECT DISTINCT "part" FROM (${rows}) AS "all" ORDER BY 1`);
  const files: UnloadedFile[] = [];
  for (const [value] of parts) {
    const part = String(value);
    const selected =
      statement.partitionBy === undefined
        ? rows
        : `SELECT * FROM (${rows}) AS "all" WHERE "part" = ${duckString(part)}`;
    if (format.type === 'PARQUET') files.push(await parquetFile(job, selected, part));
    else files.push(...(await textFiles(job, selected, part)));
  }
  return files;
}

async function textFiles(job: Unload, selected: string, part: string): Promise<UnloadedFile[]> {
  const { format, columns, context, statement } = job;
  const line = `${unloadedLine(columns, format, context)} || ${duckString(format.recordDelimiter)}`;
  const header = statement.header && format.type === 'CSV' ? headerLine(columns, format) + format.recordDelimiter : '';
  const result = await context.connection.stream(`SELECT ${line} FROM (${selected}) AS "rows"`);
  const files: UnloadedFile[] = [];
  let writer: UnloadWriter | undefined;
  try {
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      if (context.signal.aborted) throw context.signal.reason;
      if (writer === undefined) {
        const { path, target } = await placeOf(job, part, files.length);
        writer = await UnloadWriter.open(target, path, packing(format));
        if (header !== '') await writer.write(header, 0);
      }
      await writer.write(linesOf(chunk), chunk.rowCount);
      if (!statement.single && writer.size >= statement.maxFileSize) {
        files.push(await writer.close());
        writer = undefined;
      }
    }
    if (writer !== undefined) files.push(await writer.close());
    return files;
  } catch (error) {
    await writer?.abandon();
    throw error;
  }
}

function linesOf(chunk: DuckDBDataChunk): string {
  const vector = chunk.getColumnVector(0);
  let text = '';
  for (let row = 0; row < chunk.rowCount; row++) text += String(vector.getItem(row) ?? '');
  return text;
}

async function parquetFile(job: Unload, selected: string, part: string): Promise<UnloadedFile> {
  const { columns, context, statement } = job;
  const { path, target } = await placeOf(job, part, 0);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const cells = columns.map(({ name, type }, i) => {
    const value = { sql: `"c${i}"`, type, exact: true } as const;
    const plain = type.name === 'TIMESTAMP_TZ' ? textOf(value) : castTo(value, type).sql;
    const stored = ['VARIANT', 'OBJECT', 'ARRAY'].includes(type.name) ? textOf(value) : plain;
    return `${stored} AS ${quoteName(statement.header ? name : `_COL_${i}`)}`;
  });
  const query = `SELECT ${cells.join(', ')} FROM (${selected}) AS "rows"`;
  const compression = job.format.compression === 'NONE' ? 'uncompressed' : 'snappy';
  const ran = await context.connection.run(
    `COPY (${query}) TO ${duckString(target)} (FORMAT parquet, COMPRESSION ${compression})`,
  );
  const { size } = await stat(target);
  return { path, bytes: size, rows: ran.rowsChanged };
}

/** AUTO packs with gzip. */
function packing(format: FileFormat): Compression {
  return format.compression === 'AUTO' ? 'GZIP' : format.compression;
}

/** The name of the nth file of a part. Throws when a file is there that may not be overwritten. */
async function placeOf(job: Unload, part: string, n: number): Promise<{ path: string; target: string }> {
  const { statement, format, context } = job;
  const { location, single } = statement;
  const id = statement.includeQueryId || part !== '' ? `${context.input.queryId}_` : '';
  const ending =
    format.extension !== ''
      ? `.${format.extension.replace(/^\./, '')}`
      : format.type === 'PARQUET'
        ? `${format.compression === 'NONE' ? '' : '.snappy'}.parquet`
        : `.${format.type.toLowerCase()}`;
  const packed = format.type === 'PARQUET' ? '' : ENDINGS[packing(format)];
  const folder = part === '' ? '' : `${part}/`;
  const prefix =
    location.path === '' || location.path.endsWith('/')
      ? `${location.path}${folder}data`
      : folder === ''
        ? location.path
        : `${location.path}/${folder}data`;
  const path = single ? prefix : `${prefix}_${id}0_${n}_0${ending}${packed}`;
  if (!staysInside(path)) {
    throw new LocalError('001011', '42601', `SQL compilation error:\nthe path '${path}' leads out of the stage`);
  }
  const target = join(context.stages.directory(location.key), path);
  const there = await stat(target).catch(() => undefined);
  if (there !== undefined && !statement.overwrite) {
    throw new LocalError(
      '001757',
      '42601',
      `SQL compilation error:\nFiles already existing at the unload destination: ${location.shown}${path}. Use overwrite option to force unloading.`,
    );
  }
  return { path, target };
}

function resultOf(files: readonly UnloadedFile[], { detailed }: UnloadStatement): ResultTable {
  if (detailed) {
    return {
      columns: [column('FILE_NAME'), column('FILE_SIZE', NUMBER), column('ROW_COUNT', NUMBER)],
      rows: files.map(({ path, bytes, rows }) => [path, String(bytes), String(rows)]),
    };
  }
  const sum = (of: (file: UnloadedFile) => number): string =>
    String(files.reduce((total, file) => total + of(file), 0));
  const bytes = sum((file) => file.bytes);
  return {
    columns: [column('rows_unloaded', NUMBER), column('input_bytes', NUMBER), column('output_bytes', NUMBER)],
    rows: [[sum((file) => file.rows), bytes, bytes]],
  };
}
