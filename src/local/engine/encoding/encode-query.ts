import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult, DuckDBType } from '@duckdb/node-api';
import type { RowBlock, WireColumn } from '../engine.js';
import type { SnowflakeType } from '../snowflake-type.js';
import { type BoundValue, bindTo } from './binds.js';
import { cellSql, resultTypeOf } from './cell-sql.js';
import { storedAs } from './stored-as.js';

/** A block is handed on once it has this many characters; one row may be longer. */
const BLOCK_CHARACTERS = 256 * 1024;

export interface EncodeOptions {
  /** What is known of the result columns beyond DuckDB's types, by position: a VARCHAR's length, ARRAY against VARIANT, … */
  readonly types?: readonly (SnowflakeType | undefined)[];
  /**
   * The result columns' names, by position, where `types` holds exactly what the query gives. If DuckDB's types follow from those, it
   * is not asked for them: planning a query only to describe it takes as long as planning it to run.
   */
  readonly names?: readonly string[];
  /** False where a column is known to hold no NULL, by position. */
  readonly nullable?: readonly (boolean | undefined)[];
  /** Aborted together with `connection.interrupt()`: its reason is then what the blocks reject with. */
  readonly signal?: AbortSignal;
  /** Called after a query failed late, before it is run again for its error: DuckDB may have aborted the transaction. */
  readonly recover?: () => Promise<void>;
}

export interface EncodedQuery {
  readonly columns: readonly WireColumn[];
  /**
   * Rows in the query's order. Read once, while the connection runs nothing else. `return()` ends the query in DuckDB.
   * Rejects with DuckDB's own error, as `encodeQuery` does.
   */
  readonly blocks: AsyncIterable<RowBlock>;
}

/**
 * Runs a query and gives its rows in the wire's form. The rows become JSON inside DuckDB, because turning every value into a
 * JavaScript value first takes three to five times as long as the query. The first rows are there when the promise
 * resolves, so that a query that fails early rejects here. Memory stays at a few blocks whatever the number of rows.
 * `connection.interrupt()` ends it with DuckDB's interrupt error.
 *
 * @param sql one query (no DML), its parameters `$1`, `$2`, … in the order of `binds`
 */
export async function encodeQuery(
  connection: DuckDBConnection,
  sql: string,
  binds: readonly BoundValue[] = [],
  options: EncodeOptions = {},
): Promise<EncodedQuery> {
  const described = knownColumns(options) ?? (await describe(connection, sql, binds));
  const columns = wireColumns(described, options);
  const rows = await connection.prepare(rowsSql(sql, described, columns));
  try {
    bindTo(rows, binds);
    const result = await rows.stream();
    const first = await nextChunk(result);
    return {
      columns,
      blocks: blocksOf({ connection, prepared: rows, result, signal: options.signal, recover: options.recover }, first),
    };
  } catch (error) {
    rows.destroySync();
    throw error;
  }
}

/** The columns of a query without running it. */
export async function describeQuery(
  connection: DuckDBConnection,
  sql: string,
  binds: readonly BoundValue[] = [],
  options: EncodeOptions = {},
): Promise<readonly WireColumn[]> {
  return wireColumns(await describe(connection, sql, binds), options);
}

function wireColumns(described: readonly DescribedColumn[], options: EncodeOptions): readonly WireColumn[] {
  return described.map(({ name, type }, i) => ({
    name,
    type: resultTypeOf(type, options.types?.[i]),
    nullable: options.nullable?.[i] ?? true,
  }));
}

interface DescribedColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

function knownColumns({ names, types }: EncodeOptions): readonly DescribedColumn[] | undefined {
  if (names === undefined || names.length === 0) return undefined;
  const columns: DescribedColumn[] = [];
  for (const [i, name] of names.entries()) {
    const known = types?.[i];
    const type = known === undefined ? undefined : storedAs(known);
    if (type === undefined) return undefined;
    columns.push({ name, type });
  }
  return columns;
}

async function describe(
  connection: DuckDBConnection,
  sql: string,
  binds: readonly BoundValue[],
): Promise<readonly DescribedColumn[]> {
  if (binds.length === 0) {
    const prepared = await connection.prepare(sql);
    try {
      return Array.from({ length: prepared.columnCount }, (_, i) => ({
        name: prepared.columnName(i),
        type: prepared.columnType(i),
      }));
    } finally {
      prepared.destroySync();
    }
  }
  // A parameter's type is known to DuckDB only with its value, that is when the query runs.
  const prepared = await connection.prepare(`SELECT * FROM (${sql}\n) LIMIT 0`);
  try {
    bindTo(prepared, binds);
    const result = await prepared.run();
    return result.columnNames().map((name, i) => ({ name, type: result.columnType(i) }));
  } finally {
    prepared.destroySync();
  }
}

/**
 * Each row as JSON text, and a NULL after the last one. DuckDB's streaming result ends without a word when the query fails or
 * is interrupted after its first rows; only the NULL says that it came to its end.
 */
function rowsSql(sql: string, described: readonly DescribedColumn[], columns: readonly WireColumn[]): string {
  const names = described.map((_, i) => `c${i}`);
  const cells = described.map(({ type }, i) => cellSql(`c${i}`, type, (columns[i] as WireColumn).type));
  return `SELECT json_array(${cells.join(', ')})::VARCHAR FROM (${sql}\n) AS result(${names.join(', ')}) UNION ALL SELECT NULL`;
}

interface Chunk {
  readonly rows: number;
  text(row: number): string | null;
}

async function nextChunk(result: DuckDBResult): Promise<Chunk | undefined> {
  const chunk = await result.fetchChunk();
  if (chunk === null || chunk.rowCount === 0) return undefined;
  const vector = chunk.getColumnVector(0);
  return { rows: chunk.rowCount, text: (row) => vector.getItem(row) as string | null };
}

interface RunningQuery {
  readonly connection: DuckDBConnection;
  readonly prepared: DuckDBPreparedStatement;
  readonly result: DuckDBResult;
  readonly signal: AbortSignal | undefined;
  readonly recover: EncodeOptions['recover'];
}

async function* blocksOf(query: RunningQuery, first: Chunk | undefined): AsyncGenerator<RowBlock> {
  let ended = false;
  try {
    let block = '';
    let rows = 0;
    for (let chunk = first; chunk !== undefined; chunk = await nextChunk(query.result)) {
      for (let row = 0; row < chunk.rows; row++) {
        const text = chunk.text(row);
        if (text === null) {
          ended = true;
          break;
        }
        block += rows === 0 ? text : `,${text}`;
        rows += 1;
        if (block.length < BLOCK_CHARACTERS) continue;
        yield { json: block, rows };
        block = '';
        rows = 0;
      }
    }
    if (!ended) {
      ended = true;
      throw await lateError(query);
    }
    if (rows > 0) yield { json: block, rows };
  } finally {
    if (!ended) await abandon(query.connection);
    query.prepared.destroySync();
  }
}

/** Why a result ended before its last row: DuckDB's error is had only by running the query again, unstreamed. */
async function lateError({ prepared, signal, recover }: RunningQuery): Promise<unknown> {
  if (signal?.aborted === true) return signal.reason;
  try {
    await recover?.();
    await prepared.run();
  } catch (error) {
    return error;
  }
  return new Error('INTERRUPT Error: the query ended before its last row');
}

/** DuckDB keeps a result that nobody reads on, and with it a transaction, until the connection runs its next statement. */
async function abandon(connection: DuckDBConnection): Promise<void> {
  await connection.run('SELECT 1').catch(() => undefined);
}
