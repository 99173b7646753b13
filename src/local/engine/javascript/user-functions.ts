import { BIGINT, type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import type { Catalog } from '../catalog/catalog.js';
import type { RoutineEntry } from '../catalog/entries.js';
import { JavaScriptThread } from './thread.js';
import type { ThreadRequest } from './thread-program.js';

/** How long one call over some rows (DuckDB hands on up to 2,048) may take. The server waits for it. */
const LONGEST_CALL_MS = 5_000;

type Answer = { readonly values: readonly (string | null)[] } | { readonly error: string };

/**
 * Gives DuckDB user-defined functions in JavaScript, arguments and results as JSON: `js_call(id, arguments)` for a value, and `js_table(id,
 * rows)` for the rows that a table function makes of a partition: `[{"r": 1, "v": {"0": …}}]`, `r` the row it made them of (from 1), null in
 * `finalize`, and `v` the cells by the column's place.
 */
export class UserFunctions {
  readonly #catalog: Catalog;
  #thread: JavaScriptThread | undefined;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  register(connection: DuckDBConnection): void {
    this.#registerRows(connection, 'js_call', (id, rows) => this.#call(id, rows, valuesRequest));
    this.#registerRows(connection, 'js_table', (id, partitions) => this.#tables(id, partitions));
  }

  #registerRows(
    connection: DuckDBConnection,
    name: string,
    answerTo: (id: number, given: readonly string[]) => Answer,
  ): void {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes: [BIGINT, VARCHAR],
        returnType: VARCHAR,
        volatile: true,
        mainFunction: (info, input, output) => {
          const ids = input.getColumnVector(0);
          const rows = input.getColumnVector(1);
          const given = Array.from({ length: input.rowCount }, (_, row) => String(rows.getItem(row)));
          const answer = answerTo(Number(ids.getItem(0)), given);
          if ('error' in answer) {
            info.setError(answer.error);
            return;
          }
          for (let row = 0; row < input.rowCount; row++) output.setItem(row, answer.values[row] ?? null);
          output.flush();
        },
      }),
    );
  }

  async end(): Promise<void> {
    await this.#thread?.end();
  }

  #tables(id: number, partitions: readonly string[]): Answer {
    const values: (string | null)[] = [];
    for (const partition of partitions) {
      const answer = this.#call(id, [partition], tableRequest);
      if ('error' in answer) return answer;
      values.push(...answer.values);
    }
    return { values };
  }

  #call(id: number, rows: readonly string[], requestOf: typeof valuesRequest): Answer {
    const entry = this.#catalog.get(id);
    if (entry?.kind !== 'function') return { error: '002140/42601: Unknown function.' };
    this.#thread ??= new JavaScriptThread();
    const reply = this.#thread.callSync(requestOf(entry, rows), LONGEST_CALL_MS);
    if (reply === undefined) {
      void this.#thread.end();
      this.#thread = undefined;
      return { error: failure(entry, `execution took longer than ${LONGEST_CALL_MS / 1000} s, or too much memory,`) };
    }
    if ('values' in reply) return reply;
    return { error: failure(entry, 'error' in reply ? reply.error : 'no value') };
  }
}

function valuesRequest(entry: RoutineEntry, rows: readonly string[]): ThreadRequest {
  return { kind: 'function', ...codeOf(entry), rows, returns: entry.returns.name };
}

function tableRequest(entry: RoutineEntry, [rows = '[]']: readonly string[]): ThreadRequest {
  const columns = (entry.table ?? []).map(({ name, type }) => ({ name, type: type.name }));
  return { kind: 'table', ...codeOf(entry), columns, rows };
}

function codeOf(entry: RoutineEntry) {
  return {
    key: String(entry.id),
    body: entry.body,
    parameters: entry.arguments.map(({ name, type }) => ({ name, type: type.name })),
  };
}

/** In one line, as errors of functions reach the engine. */
function failure({ routine }: RoutineEntry, message: string): string {
  return `100132/P0000: JavaScript execution error: ${message.replaceAll('\n', ' ')} in ${routine}`;
}
