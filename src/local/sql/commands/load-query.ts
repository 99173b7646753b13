import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { csvRows, fieldCount, jsonRows, parquetRows, parquetTable } from '../../engine/stages/read-file.js';
import type { StagedFile } from '../../engine/stages/stage-files.js';
import { snowflakeTypeOf } from '../../engine/types/snowflake-type-of.js';
import { storedValue } from '../emit/dml.js';
import { isSemiStructured, isSnowflakeType, TEXT, VARIANT } from '../emit/typed.js';
import { duckString, quoteName } from '../lexer.js';
import type { ColumnInfo, NameParts, NameScope, Relation, UserFunction } from '../scope.js';
import { unsupported } from '../syntax-error.js';
import { translateQueryText } from '../translate.js';
import { type CopyStatement, STAGED_FILE } from './copy-statement.js';
import type { FileFormat } from './file-format.js';
import { wrongFieldCount } from './wrong-field-count.js';

export interface FileLoad {
  readonly file: StagedFile;
  readonly copy: CopyStatement;
  readonly format: FileFormat;
  /** The columns that are loaded, in order. */
  readonly targets: readonly ColumnEntry[];
  readonly context: CommandContext;
}

/** A query of a file's rows, ready for an INSERT into those columns. */
export interface LoadQuery {
  readonly columns: readonly string[];
  readonly sql: string;
}

/** Throws 100080 when a CSV file has another number of fields, 002105 when documents are to go into several columns. */
export async function loadQuery(load: FileLoad): Promise<LoadQuery> {
  if (load.copy.match !== undefined) return await matched(load);
  const source = await rowsOf(load);
  if (load.copy.query !== undefined) return transformed(load, load.copy.query, source);
  const { targets, format } = load;
  if (format.type !== 'CSV') {
    const [only] = targets;
    if (targets.length !== 1 || only === undefined || !isSemiStructured(only.type)) throw severalColumns(format);
  }
  const casts = targets.flatMap((target, i) => {
    const given = source.types[i];
    return given === undefined ? ['NULL'] : [storedValue({ sql: `"src"."c${i}"`, type: given, exact: true }, target)];
  });
  return { columns: names(targets), sql: `SELECT ${casts.join(', ')} FROM (${source.sql}) AS "src"` };
}

interface Source {
  readonly sql: string;
  /** Of `c0`, `c1`, … */
  readonly types: readonly SnowflakeType[];
}

async function rowsOf({ file, copy, format, targets }: FileLoad): Promise<Source> {
  if (format.type === 'PARQUET') return { sql: parquetRows(file), types: [VARIANT] };
  if (format.type === 'JSON') return { sql: jsonRows(file, format), types: [VARIANT] };
  const inFile = await fieldCount(file, format);
  const expected = copy.query === undefined ? targets.length : Math.max(inFile, 1);
  if (inFile > 0 && inFile !== expected && format.countMismatchIsError) throw wrongFieldCount(inFile, expected);
  const fields = Math.max(inFile, 1);
  return { sql: csvRows(file, format, fields), types: Array.from({ length: fields }, () => TEXT) };
}

const names = (targets: readonly ColumnEntry[]): string[] => targets.map(({ name }) => name);

/** COPY … FROM (SELECT $1, … FROM @stage). */
function transformed({ targets, context }: FileLoad, query: string, source: Source): LoadQuery {
  const scope = new StagedFileScope(context.scope('COPY'), {
    kind: 'rows',
    sql: `SELECT ${source.types.map((_, i) => `"c${i}" AS "$${i + 1}"`).join(', ')} FROM (${source.sql}) AS "staged"`,
    columns: source.types.map((type, i): ColumnInfo => ({ name: `$${i + 1}`, type, nullable: true })),
  });
  const { sql, columns, binds } = translateQueryText(query, scope);
  if (binds.length > 0) throw unsupported('binds in COPY');
  if (columns !== undefined && columns.length !== targets.length) {
    throw wrongFieldCount(columns.length, targets.length);
  }
  const casts = targets.map((target, i) => {
    const type = columns?.[i]?.type ?? { name: 'UNKNOWN' as const };
    return storedValue({ sql: `"src"."c${i}"`, type, exact: isSnowflakeType(type) }, target);
  });
  const list = targets.map((_, i) => `"c${i}"`).join(', ');
  return { columns: names(targets), sql: `SELECT ${casts.join(', ')} FROM (${sql}) AS "src"(${list})` };
}

/** MATCH_BY_COLUMN_NAME: what the file has no column for is NULL. */
async function matched(load: FileLoad): Promise<LoadQuery> {
  const { file, format, copy, targets, context } = load;
  if (copy.query !== undefined) throw unsupported('MATCH_BY_COLUMN_NAME with a transformation');
  if (format.type === 'CSV') throw unsupported('MATCH_BY_COLUMN_NAME with CSV');
  const exact = copy.match === 'CASE_SENSITIVE';
  if (format.type === 'JSON') {
    const casts = targets.map((target) =>
      storedValue({ sql: keyValue('"src"."c0"', target.name, exact), type: VARIANT, exact: true }, target),
    );
    return { columns: names(targets), sql: `SELECT ${casts.join(', ')} FROM (${jsonRows(file, format)}) AS "src"` };
  }
  const inFile = await parquetColumns(context.connection, file);
  const pairs = targets.flatMap((target) => {
    const found = inFile.find(({ name }) => (exact ? name : name.toUpperCase()) === target.name);
    return found === undefined ? [] : [{ target, found }];
  });
  if (pairs.length === 0) {
    throw new LocalError('100080', '22000', `The file ${file.path} has no column of a name of the table's columns.`);
  }
  const casts = pairs.map(({ target, found }) =>
    storedValue({ sql: `"src".${quoteName(found.name)}`, type: found.type }, target),
  );
  return {
    columns: pairs.map(({ target }) => target.name),
    sql: `SELECT ${casts.join(', ')} FROM ${parquetTable(file)} AS "src"`,
  };
}

function keyValue(json: string, name: string, exact: boolean): string {
  const key = duckString(name);
  const found = exact ? key : `list_filter(json_keys(${json}), lambda k: upper(k) = ${key})[1]`;
  return `json_extract(${json}, '$."' || replace(${found}, '"', '\\"') || '"')`;
}

async function parquetColumns(
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
class StagedFileScope implements NameScope {
  readonly #outer: NameScope;
  readonly #file: Relation;

  constructor(outer: NameScope, file: Relation) {
    this.#outer = outer;
    this.#file = file;
  }

  relation(name: NameParts): Relation {
    return name.length === 1 && name[0] === STAGED_FILE ? this.#file : this.#outer.relation(name);
  }
  tableFunction(...args: Parameters<NameScope['tableFunction']>): Relation | undefined {
    return this.#outer.tableFunction(...args);
  }
  contextFunction(...args: Parameters<NameScope['contextFunction']>): string | undefined {
    return this.#outer.contextFunction(...args);
  }
  variable(name: string): string {
    return this.#outer.variable(name);
  }
  parameter(name: string): string {
    return this.#outer.parameter(name);
  }
  bindType(name: string): SnowflakeType | undefined {
    return this.#outer.bindType?.(name);
  }
  functions(name: NameParts): readonly UserFunction[] {
    return this.#outer.functions?.(name) ?? [];
  }
  sequence(name: NameParts): string {
    return this.#outer.sequence(name);
  }
}
