import { parseStatements } from '../sql/parse-statements.js';
import type { ParsedStatement, Translation } from '../sql/translation.js';
import type { NestedResult } from './command.js';
import { fromDuckDb } from './duckdb-errors.js';
import { bindPositions } from './encoding/binds.js';
import { encodeQuery } from './encoding/encode-query.js';
import type { StatementInput } from './engine.js';
import { knownColumns } from './known-columns.js';
import { LocalError } from './local-error.js';
import { changedRows, collected, nestedQueryId } from './nested-result.js';
import type { RanStatement, RunnerParts } from './ran-statement.js';
import type { ResultTable } from './result-table.js';
import { StatementRecord } from './statement-record.js';

/** The statement that runs others. */
export interface OuterStatement {
  readonly input: StatementInput;
  /** When it began, in milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** What running a statement takes of its runner. */
export interface RunnerSteps {
  run(
    statement: ParsedStatement,
    input: StatementInput,
    startedAt: number,
    signal: AbortSignal,
    record: StatementRecord,
  ): Promise<RanStatement>;
  translate(query: string, input: StatementInput, now: number): Promise<Translation>;
}

/** Statements and expressions that a script, a procedure or EXECUTE IMMEDIATE runs in its session. */
export class NestedStatements {
  readonly #parts: RunnerParts;
  readonly #runner: RunnerSteps;

  constructor(parts: RunnerParts, runner: RunnerSteps) {
    this.#parts = parts;
    this.#runner = runner;
  }

  /** Runs the `ordinal`th statement of the outer one to its end. Throws `LocalError`. */
  async run(
    text: string,
    binds: StatementInput['binds'],
    ordinal: number,
    outer: OuterStatement,
  ): Promise<NestedResult> {
    const { state, history } = this.#parts;
    const { input } = outer;
    const queryId = nestedQueryId(input.queryId, ordinal);
    return await this.#mended(text, outer.signal, async () => {
      const [statement, ...more] = parseStatements(text);
      if (statement === undefined || more.length > 0) {
        throw new LocalError('000900', '42601', 'SQL compilation error:\nexactly one SQL statement is expected here.');
      }
      const child: StatementInput = {
        text: statement.text,
        queryId,
        ...(binds === undefined ? {} : { binds }),
        ...(input.parameters === undefined ? {} : { parameters: input.parameters }),
        ...(input.requestId === undefined ? {} : { requestId: `${input.requestId}/${ordinal}` }),
      };
      const record = new StatementRecord(history, state, child, { arrivedAt: Date.now(), parentId: input.queryId });
      const { ran, table } = await this.#recorded(record, statement, child, outer);
      state.keepResult(queryId, table);
      state.queryEnded(queryId);
      const changed = changedRows(ran.statementTypeId, table);
      return { queryId, statementTypeId: ran.statementTypeId, table, ...(changed !== undefined && { changed }) };
    });
  }

  /** Rows of a query that is no statement of its own. Throws `LocalError`. */
  async evaluate(query: string, binds: StatementInput['binds'], outer: OuterStatement): Promise<ResultTable> {
    const { connection, transaction } = this.#parts;
    const { input, now, signal } = outer;
    return await this.#mended(query, signal, async () => {
      const translation = await this.#runner.translate(query, { ...input, ...(binds !== undefined && { binds }) }, now);
      transaction.assertUsable();
      const bound = bindPositions(translation.binds, binds);
      return await collected(
        await encodeQuery(connection, translation.sql, bound, { ...knownColumns(translation), signal }),
      );
    });
  }

  async #recorded(
    record: StatementRecord,
    statement: ParsedStatement,
    input: StatementInput,
    { now, signal }: OuterStatement,
  ): Promise<{ readonly ran: RanStatement; readonly table: ResultTable }> {
    const { transaction } = this.#parts;
    const blockedBefore = transaction.blockedMs;
    try {
      const ran = await this.#runner.run(statement, input, now, signal, record);
      const table = await collected(ran);
      record.ended({ rows: table.rows.length, blockedMs: transaction.blockedMs - blockedBefore });
      return { ran, table };
    } catch (error) {
      const told = signal.reason instanceof LocalError ? signal.reason : fromDuckDb(error, input.text);
      record.ended({ error: told, blockedMs: transaction.blockedMs - blockedBefore });
      throw error;
    }
  }

  /** Errors as Snowflake's, and the open transaction brought back to what it was. */
  async #mended<T>(text: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      await this.#parts.transaction.mend();
      throw fromDuckDb(error, text);
    }
  }
}
