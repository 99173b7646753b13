import { BIGINT, type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import type { Catalog } from '../catalog/catalog.js';
import type { RoutineEntry } from '../catalog/entries.js';
import { JavaScriptThread } from './thread.js';
import type { ThreadRequest } from './thread-program.js';

/** How long one call over some rows (DuckDB hands on up to 2,048) may take. The server waits for it. */
const LONGEST_CALL_MS = 5_000;

/** Gives DuckDB `js_call(id, arguments)`: user-defined functions in JavaScript, arguments and result as JSON. */
export class UserFunctions {
  readonly #catalog: Catalog;
  #thread: JavaScriptThread | undefined;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  register(connection: DuckDBConnection): void {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name: 'js_call',
        parameterTypes: [BIGINT, VARCHAR],
        returnType: VARCHAR,
        volatile: true,
        mainFunction: (info, input, output) => {
          const ids = input.getColumnVector(0);
          const rows = input.getColumnVector(1);
          const given = Array.from({ length: input.rowCount }, (_, row) => String(rows.getItem(row)));
          const answer = this.#call(Number(ids.getItem(0)), given);
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

  #call(id: number, rows: readonly string[]): { values: readonly (string | null)[] } | { error: string } {
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

function requestOf(entry: RoutineEntry, rows: readonly string[]): ThreadRequest {
  return {
    kind: 'function',
    key: String(entry.id),
    body: entry.body,
    parameters: entry.arguments.map(({ name, type }) => ({ name, type: type.name })),
    rows,
    returns: entry.returns.name,
  };
}

/** In one line, as errors of functions reach the engine. */
function failure({ routine }: RoutineEntry, message: string): string {
  return `100132/P0000: JavaScript execution error: ${message.replaceAll('\n', ' ')} in ${routine}`;
}
