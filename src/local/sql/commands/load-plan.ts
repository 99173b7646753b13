import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { firstRecord, parquetTable } from '../../engine/stages/read-file.js';
import type { StagedFile } from '../../engine/stages/stage-files.js';
import { snowflakeTypeOf } from '../../engine/types/snowflake-type-of.js';
import { DelegatingScope } from '../delegating-scope.js';
import { isSemiStructured, isSnowflakeType, type Type, type Typed, VARIANT } from '../emit/typed.js';
import { duckString, quoteName } from '../lexer.js';
import type { NameParts, NameScope, PastMoment, Relation } from '../scope.js';
import { unsupported } from '../syntax-error.js';
import { translateQueryText } from '../translate.js';
import { type CopyStatement, STAGED_FILE } from './copy-statement.js';
import type { FileFormat } from './file-format.js';
import { type LoadedValue, loadedValue } from './loaded-value.js';
import { stagedRelation, stagedRows } from './staged-rows.js';
import { wrongFieldCount } from './wrong-field-count.js';

export interface FileLoad {
  readonly file: StagedFile;
  readonly copy: CopyStatement;
  readonly format: FileFormat;
  /** The columns that are loaded, in order. */
  readonly targets: readonly ColumnEntry[];
  readonly context: CommandContext;
  /** Whether rows are looked at one by one, so that errors have a place. */
  readonly detailed: boolean;
  readonly directory: string;
}

/** How the rows of a file become rows of a table. */
export interface LoadPlan {
  /** DuckDB SQL that the values are taken from, as `"src"`. */
  readonly rows: string;
  /** Whether `rows` has the columns of `DETAILS`. */
  readonly located: boolean;
  readonly values: readonly LoadedValue[];
  /** Fields that each record must have; undefined where any number will do. */
  readonly fields?: number;
}

/** Throws 100080 when a CSV file has another number of fields, 002105 when documents are to go into several columns. */
export async function loadPlan(load: FileLoad): Promise<LoadPlan> {
  if (load.copy.match !== undefined) return await matched(load);
  if (load.copy.query !== undefined) return await transformed(load, load.copy.query);
  const { targets, format, file, detailed, directory, context, copy } = load;
  if (format.type !== 'CSV') {
    const [only] = targets;
    if (targets.length !== 1 || only === undefined || !isSemiStructured(only.type)) throw severalColumns(format);
  } else if (!detailed && format.countMismatchIsError) {
    const inFile = (await firstRecord(file, format)).length;
    if (inFile > 0 && inFile !== targets.length) throw wrongFieldCount(inFile, targets.length);
  }
  const options = { detailed, raw: copy.validation !== undefined, directory, width: targets.length };
  const source = await stagedRows(file, format, options, context.signal);
  const values = targets.flatMap((target, i): LoadedValue[] => {
    const type = source.types[i];
    if (type === undefined) return [];
    return [loadedValue({ sql: `"c${i}"`, type, exact: true }, target, load)];
  });
  return {
    rows: source.sql,
    located: detailed || format.type === 'PARQUET',
    values,
    ...(format.type === 'CSV' && format.countMismatchIsError ? { fields: targets.length } : {}),
  };
}

/** COPY … FROM (SELECT $1, … FROM @stage). */
async function transformed(load: FileLoad, query: string): Promise<LoadPlan> {
  const { targets, context, file, format, detailed, directory } = load;
  const options = { detailed, raw: false, directory };
  const relation = await stagedRelation(file, format, query, context, options);
  const scope = new StagedFileScope(context.scope('COPY'), { kind: 'rows', ...relation });
  const { sql, columns, binds } = translateQueryText(query, scope);
  if (binds.length > 0) throw unsupported('binds in COPY');
  if (columns !== undefined && columns.length !== targets.length) {
    throw wrongFieldCount(columns.length, targets.length);
  }
  const values = targets.map((target, i) => {
    const type: Type = columns?.[i]?.type ?? { name: 'UNKNOWN' };
    return loadedValue({ sql: `"c${i}"`, type, exact: isSnowflakeType(type) }, target, load);
  });
  const list = targets.map((_, i) => `"c${i}"`).join(', ');
  return { rows: `SELECT * FROM (${sql}) AS "query"(${list})`, located: false, values };
}

/** MATCH_BY_COLUMN_NAME: what the file has no column for is NULL. */
async function matched(load: FileLoad): Promise<LoadPlan> {
  const { format, copy } = load;
  if (copy.query !== undefined) throw unsupported('MATCH_BY_COLUMN_NAME with a transformation');
  if (format.type === 'JSON') return await matchedKeys(load);
  return format.type === 'CSV' ? await matchedHeader(load) : await matchedParquet(load);
}

async function matchedKeys(load: FileLoad): Promise<LoadPlan> {
  const { file, format, targets, copy, detailed, directory, context } = load;
  const source = await stagedRows(file, format, { detailed, raw: false, directory }, context.signal);
  const exact = copy.match === 'CASE_SENSITIVE';
  const values = targets.map((target) => {
    const value: Typed = { sql: keyValue('"c0"', target.name, exact), type: VARIANT, exact: true };
    return loadedValue(value, target, load);
  });
  return { rows: source.sql, located: detailed, values };
}

async function matchedHeader(load: FileLoad): Promise<LoadPlan> {
  const { file, format, targets, copy, directory, context } = load;
  if (!format.parseHeader) {
    throw new LocalError(
      '000002',
      '0A000',
      "Unsupported feature 'MATCH_BY_COLUMN_NAME with CSV without PARSE_HEADER = TRUE'.",
    );
  }
  const header = (await firstRecord(file, { ...format, skipHeader: 0 })).map((name) => name ?? '');
  const body = { ...format, skipHeader: 1 };
  const options = { detailed: true, raw: copy.validation !== undefined, directory, width: header.length };
  const source = await stagedRows(file, body, options, context.signal);
  const pairs = pairsOf(targets, header, copy);
  if (pairs.length === 0) throw nothingMatches(file);
  const values = pairs.map(({ target, at }) =>
    loadedValue({ sql: `"c${at}"`, type: source.types[at] as SnowflakeType, exact: true }, target, load),
  );
  return {
    rows: source.sql,
    located: true,
    values,
    ...(format.countMismatchIsError ? { fields: header.length } : {}),
  };
}

async function matchedParquet(load: FileLoad): Promise<LoadPlan> {
  const { file, targets, copy, context } = load;
  const inFile = await parquetColumns(context.connection, file);
  const pairs = pairsOf(
    targets,
    inFile.map(({ name }) => name),
    copy,
  );
  if (pairs.length === 0) throw nothingMatches(file);
  const values = pairs.flatMap(({ target, at }) => {
    const found = inFile[at];
    return found === undefined ? [] : [loadedValue({ sql: quoteName(found.name), type: found.type }, target, load)];
  });
  return { rows: `SELECT * FROM ${parquetTable(file)}`, located: false, values };
}

function pairsOf(
  targets: readonly ColumnEntry[],
  names: readonly string[],
  { match }: CopyStatement,
): { target: ColumnEntry; at: number }[] {
  const exact = match === 'CASE_SENSITIVE';
  return targets.flatMap((target) => {
    const at = names.findIndex((name) =>
      exact ? name === target.name : name.toUpperCase() === target.name.toUpperCase(),
    );
    return at < 0 ? [] : [{ target, at }];
  });
}

function nothingMatches(file: StagedFile): LocalError {
  return new LocalError('100080', '22000', `The file ${file.path} has no column of a name of the table's columns.`);
}

function keyValue(json: string, name: string, exact: boolean): string {
  const key = duckString(name);
  const found = exact ? key : `list_filter(json_keys(${json}), lambda k: upper(k) = upper(${key}))[1]`;
  return `json_extract(${json}, '$."' || replace(${found}, '"', '\\"') || '"')`;
}

export async function parquetColumns(
  connection: DuckDBConnection,
  file: StagedFile,
): Promise<{ name: string; type: SnowflakeType }[]> {
  const prepared = await connection.prepare(`SELECT * FROM ${parquetTable(file)}`);
  try {
    return Array.from({ length: prepared.columnCount }, (_, i) => ({
      name: prepared.columnName(i),
      type: snowflakeTypeOf(prepared.columnType(i)),
    }));
  } finally {
    prepared.destroySync();
  }
}

function severalColumns({ type }: FileFormat): LocalError {
  return new LocalError(
    '002105',
    '22000',
    `SQL compilation error:\n${type} file format can produce one and only one column of type variant, object, or array. Load data into separate columns using the MATCH_BY_COLUMN_NAME copy option or copy with transformation.`,
  );
}

/** The session's names, and the staged file under its own. */
class StagedFileScope extends DelegatingScope {
  readonly #file: Relation;

  constructor(outer: NameScope, file: Relation) {
    super(outer);
    this.#file = file;
  }

  override relation(name: NameParts, uses?: readonly string[], at?: PastMoment): Relation {
    return name.length === 1 && name[0] === STAGED_FILE ? this.#file : super.relation(name, uses, at);
  }
}
