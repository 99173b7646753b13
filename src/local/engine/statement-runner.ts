import { findCommand } from '../sql/commands/find-command.js';
import { withProcedureRows } from '../sql/commands/procedure-reads.js';
import { StagedReads } from '../sql/commands/staged-reads.js';
import { withinText } from '../sql/syntax-error.js';
import { TokenCursor } from '../sql/token-cursor.js';
import { translateExpression, translateQueryText, translateStatement } from '../sql/translate.js';
import type { ParsedStatement, Translation } from '../sql/translation.js';
import { ValuesNeeded } from '../sql/values-needed.js';
import { atMoment, datedSql } from './at-moment.js';
import { withWrittenBinds } from './bound-commands.js';
import { changeCatalog } from './catalog-change.js';
import { type CatalogChange, type Command, type CommandContext, STATEMENT_TYPE } from './command.js';
import { bindPositions, bindTo } from './encoding/binds.js';
import { describeQuery, encodeQuery } from './encoding/encode-query.js';
import type { BindValue, RowBlock, StatementInput } from './engine.js';
import { bindIdentifiers } from './identifier-binds.js';
import { keepingResult } from './kept-result.js';
import { knownColumns } from './known-columns.js';
import { changedRows, collected } from './nested-result.js';
import { NestedStatements } from './nested-statements.js';
import { questionOf } from './question-of.js';
import type { RanStatement, RunnerParts } from './ran-statement.js';
import { replay } from './read-ahead.js';
import type { RememberedOutcome } from './request-memory.js';
import type { Question } from './result-reuse.js';
import { blocksOf, column, type ResultTable } from './result-table.js';
import { countColumns, runDml } from './run-dml.js';
import { SessionScope } from './session-scope.js';
import { overflowedShortNumbers } from './short-numbers.js';
import { whileMemoryIsShort } from './short-of-memory.js';
import { stagedBinds } from './stages/staged-binds.js';
import { mayBeStale } from './stale-names.js';
import type { StatementRecord } from './statement-record.js';

const STALE_RETRIES = 10;

/** Commands that a describe may run: they change nothing. */
const READ_ONLY = new Set(['SHOW', 'DESC', 'DESCRIBE']);

/** The pipeline of one statement: remembered answer, else command of ours, else translation and DuckDB. */
export class StatementRunner {
  readonly #parts: RunnerParts;
  readonly #staged = new StagedReads();
  readonly #nested: NestedStatements;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#nested = new NestedStatements(parts, {
      run: async (...statement) => await this.run(...statement),
      translate: async (query, input, now) =>
        await this.#withValues(input, (values) => translateQueryText(query, this.#scope(input, now, 'SELECT', values))),
    });
  }

  /** Forgets what belongs to the statements before: to be called when a statement begins that no other one runs. */
  async begin(): Promise<void> {
    await this.#staged.clear(this.#parts.stages);
  }

  async run(
    given: ParsedStatement,
    givenInput: StatementInput,
    startedAt: number,
    signal: AbortSignal,
    record: StatementRecord,
  ): Promise<RanStatement> {
    const { statement: named, input } = withWrittenBinds(
      bindIdentifiers(given, givenInput, this.#parts.state.variables),
    );
    const { requestId } = input;
    const remembered =
      requestId === undefined ? undefined : await this.#parts.requests.find(requestId, this.#parts.connection);
    // Also to a cancel that came before the question: what is done is done.
    if (remembered !== undefined) return fromTable(remembered.queryId, remembered.statementTypeId, remembered.table);
    if (signal.aborted) throw signal.reason;
    const statement =
      /\btable\s*\(\s*[\w"$.]+\s*\(/i.test(named.text) && input.describeOnly !== true
        ? await withProcedureRows(named, this.#commandContext(named, input, startedAt, signal))
        : named;
    if (input.bindStage !== undefined) {
      const { bindStage, ...rest } = input;
      const binds = await stagedBinds(bindStage, this.#commandContext(statement, rest, startedAt, signal));
      return await this.#execute(statement, { ...rest, binds }, startedAt, signal, record);
    }
    if (statement.text.includes('@') || /infer_schema/i.test(statement.text)) {
      const context = this.#commandContext(statement, input, startedAt, signal);
      return await this.#execute(await this.#staged.prepare(statement, context), input, startedAt, signal, record);
    }
    return await this.#execute(statement, input, startedAt, signal, record);
  }

  async #execute(
    statement: ParsedStatement,
    input: StatementInput,
    startedAt: number,
    signal: AbortSignal,
    record: StatementRecord,
  ): Promise<RanStatement> {
    const command = findCommand(statement);
    return await this.#withEnoughDigits(async () =>
      this.#whileStale(async () =>
        command === undefined
          ? await this.#runTranslated(statement, input, startedAt, signal, record)
          : await this.#runCommand(command, statement, input, startedAt, signal),
      ),
    );
  }

  /** Numbers that do not fit 64 bits: the statement is run again with longer ones. */
  async #withEnoughDigits<T>(run: () => Promise<T>): Promise<T> {
    const { state, transaction } = this.#parts;
    try {
      return await run();
    } catch (error) {
      if (state.wideNumbers || !overflowedShortNumbers(error)) throw error;
      await transaction.mend();
      state.wideNumbers = true;
      try {
        return await run();
      } finally {
        state.wideNumbers = false;
      }
    }
  }

  /** Another session may change the catalog between a name's resolution and its use: the statement is then resolved again. */
  async #whileStale<T>(run: () => Promise<T>): Promise<T> {
    const { names, transaction } = this.#parts;
    for (let attempt = 0; ; attempt++) {
      const before = names.catalog.changes;
      try {
        return await run();
      } catch (error) {
        if (!mayBeStale(error) || attempt >= STALE_RETRIES) throw error;
        // A change that DuckDB has committed may not be in the catalog yet: let it finish.
        await names.catalog.change(async () => undefined);
        const { behind } = transaction;
        if (!behind && names.catalog.changes === before) throw error;
        await transaction.mend(behind);
      }
    }
  }

  async #runCommand(
    command: Command,
    statement: ParsedStatement,
    input: StatementInput,
    startedAt: number,
    signal: AbortSignal,
  ): Promise<RanStatement> {
    if (input.describeOnly === true && !READ_ONLY.has(statement.keywords[0] ?? '')) {
      return fromTable(input.queryId, STATEMENT_TYPE.ddl, { columns: [column('status')], rows: [] });
    }
    const cursor = new TokenCursor(statement.text, this.#parts.state.parameters.text('TIMESTAMP_TYPE_MAPPING'));
    const { index } = cursor;
    const result = await this.#withValues(input, async (values) => {
      cursor.index = index;
      return await command(cursor, this.#commandContext(statement, input, startedAt, signal, values));
    });
    this.#parts.state.keepResult(input.queryId, result.table);
    const ran = fromTable(input.queryId, result.statementTypeId, result.table);
    return result.transfer === undefined ? ran : { ...ran, transfer: result.transfer };
  }

  async #runTranslated(
    statement: ParsedStatement,
    input: StatementInput,
    startedAt: number,
    signal: AbortSignal,
    record: StatementRecord,
  ): Promise<RanStatement> {
    const resolvedAt = this.#parts.names.catalog.changes;
    const from = performance.now();
    const { translation: asWritten, lasting } = await this.#translated(statement, input, startedAt);
    const translation = this.#parts.transaction.open ? atMoment(asWritten, Date.now()) : asWritten;
    record.translated(
      translation.parts?.map(({ sql }) => sql).join(';\n') ?? translation.sql,
      performance.now() - from,
    );
    return translation.verb === 'select'
      ? await this.#select(
          translation,
          input,
          signal,
          lasting ? questionOf(statement, asWritten, input, this.#parts) : undefined,
          record,
        )
      : await this.#write(translation, { statement: statement.text, resolvedAt }, input, startedAt, signal, record);
  }

  async #translated(
    statement: ParsedStatement,
    input: StatementInput,
    startedAt: number,
  ): Promise<{ readonly translation: Translation; readonly lasting: boolean }> {
    return await this.#withValues(input, (values) => {
      const scope = this.#scope(input, startedAt, 'SELECT', values);
      const translation = translateStatement(statement, scope);
      return { translation, lasting: scope.lasting };
    });
  }

  /** Tries again for each query whose values the work turns out to need: PIVOT … IN (ANY), moments of the past. */
  async #withValues<T>(
    input: StatementInput,
    work: (values: ReadonlyMap<string, readonly string[]>) => T | Promise<T>,
  ): Promise<T> {
    const values = new Map<string, readonly string[]>();
    for (;;) {
      try {
        return await work(values);
      } catch (error) {
        if (!(error instanceof ValuesNeeded) || values.has(error.sql)) throw error;
        values.set(error.sql, await this.#valuesOf(error, input));
      }
    }
  }

  async #valuesOf({ sql, binds }: ValuesNeeded, input: StatementInput): Promise<readonly string[]> {
    const { transaction, connection } = this.#parts;
    transaction.assertUsable();
    const prepared = await connection.prepare(transaction.open ? datedSql(sql, Date.now()) : sql);
    try {
      bindTo(prepared, bindPositions(binds, input.binds));
      const reader = await prepared.runAndReadAll();
      return reader.getRows().map(([text]) => String(text));
    } finally {
      prepared.destroySync();
    }
  }

  /** `question`: where an identical query's result may answer. */
  async #select(
    translation: Translation,
    input: StatementInput,
    signal: AbortSignal,
    question: Question | undefined,
    record: StatementRecord,
  ): Promise<RanStatement> {
    this.#parts.transaction.assertUsable();
    if (signal.aborted) throw signal.reason;
    const { connection, state, reuse } = this.#parts;
    const shape = {
      queryId: input.queryId,
      statementTypeId: STATEMENT_TYPE.select,
      numberOfBinds: translation.binds.length,
    };
    const { sql } = translation;
    if (input.describeOnly === true) {
      const binds = bindPositions(translation.binds, boundOrNull(translation.binds, input.binds));
      return {
        ...shape,
        columns: await describeQuery(connection, sql, binds, knownColumns(translation)),
        blocks: nothing(),
      };
    }
    const known = question === undefined ? undefined : reuse.find(question);
    if (known !== undefined) {
      record.reused();
      // Nothing else here waits: a script's loop over such queries would let no cancel or other session in.
      await new Promise((resolve) => setImmediate(resolve));
      const { columns } = known;
      const blocks = keepingResult(state, input.queryId, { columns, blocks: replay(known.blocks) });
      return { ...shape, columns, blocks, reused: true };
    }
    const keeping = question === undefined ? undefined : reuse.keeping(question);
    const binds = bindPositions(translation.binds, input.binds);
    const recover = async (): Promise<void> => await this.#parts.transaction.mend();
    const encoded = await whileMemoryIsShort(signal, recover, async () =>
      encodeQuery(connection, sql, binds, { ...knownColumns(translation), signal, recover }),
    );
    return { ...shape, columns: encoded.columns, blocks: keepingResult(state, input.queryId, encoded, keeping) };
  }

  async #write(
    translation: Translation,
    { statement, resolvedAt }: { readonly statement: string; readonly resolvedAt: number },
    input: StatementInput,
    startedAt: number,
    signal: AbortSignal,
    record: StatementRecord,
  ): Promise<RanStatement> {
    const parts = this.#parts;
    if (input.describeOnly === true) {
      const table = { columns: countColumns(translation, statement), rows: [] };
      return {
        ...fromTable(input.queryId, STATEMENT_TYPE[verbOf(translation)], table),
        numberOfBinds: translation.binds.length,
      };
    }
    const ran = await runDml(
      translation,
      statement,
      input,
      {
        connection: parts.connection,
        names: parts.names,
        transaction: parts.transaction,
        signal,
        lockTimeoutMs: Number(parts.state.parameters.get('LOCK_TIMEOUT')) * 1000,
        autocommit: parts.state.parameters.get('AUTOCOMMIT') === true,
        record: async (outcome) => await this.#record(input, outcome, startedAt),
      },
      resolvedAt,
    );
    this.#remember(input, ran, startedAt);
    record.changed(changedRows(ran.statementTypeId, ran.table) ?? 0);
    parts.state.keepResult(input.queryId, ran.table);
    return { ...fromTable(input.queryId, ran.statementTypeId, ran.table), numberOfBinds: translation.binds.length };
  }

  #scope(
    input: StatementInput,
    startedAt: number,
    operation = 'SELECT',
    values: ReadonlyMap<string, readonly string[]> = new Map(),
  ): SessionScope {
    return new SessionScope(
      this.#parts.names,
      this.#parts.history,
      { startedAt, text: input.text },
      {
        operation,
        values,
        staged: (name) => this.#staged.relation(name),
        ...(input.binds === undefined ? {} : { binds: input.binds }),
      },
    );
  }

  async #record(input: StatementInput, outcome: RememberedOutcome, now: number): Promise<void> {
    await this.#parts.requests.write(this.#parts.connection, input.requestId ?? input.queryId, outcome, now);
  }

  #remember(input: StatementInput, outcome: RememberedOutcome, now: number): void {
    if (input.requestId !== undefined) this.#parts.requests.remember(input.requestId, outcome, now);
  }

  #commandContext(
    statement: ParsedStatement,
    input: StatementInput,
    now: number,
    signal: AbortSignal,
    values: ReadonlyMap<string, readonly string[]> = new Map(),
  ): CommandContext {
    const parts = this.#parts;
    let nested = 0;
    return {
      names: parts.names,
      state: parts.state,
      transaction: parts.transaction,
      connection: parts.connection,
      statement,
      input,
      now,
      signal,
      scope: (operation) => this.#scope(input, now, operation, values),
      rowsAt: (table, at) => this.#scope(input, now, 'CLONE', values).rowsAt(table, at),
      change: async <T>(change: CatalogChange<T>) => await changeCatalog(change, { ...parts, input, now, signal }),
      rows: async (sql) => await (await parts.connection.run(sql)).getRowsJS(),
      translateQuery: (text, operation, offset = 0) =>
        withinText(statement.text, offset, () => translateQueryText(text, this.#scope(input, now, operation, values))),
      translateExpression: (text, operation) => translateExpression(text, this.#scope(input, now, operation)),
      describe: async (query) => await describeQuery(parts.connection, query.sql, [], knownColumns(query)),
      stages: parts.stages,
      abortSession: parts.abortSession,
      record: async (result) => await this.#record(input, { ...result, queryId: input.queryId }, now),
      remember: (result) => this.#remember(input, { ...result, queryId: input.queryId }, now),
      newId: () => parts.names.catalog.nextId(),
      runNested: async (text, binds) => {
        nested += 1;
        return await this.#nested.run(text, binds, nested, { input, now, signal });
      },
      read: async (sql, types) =>
        await collected(await encodeQuery(parts.connection, sql, [], { types: types.map(({ type }) => type), signal })),
      evaluate: async (query, binds) => await this.#nested.evaluate(query, binds, { input, now, signal }),
    };
  }
}

function verbOf(translation: Translation): Exclude<Translation['verb'], 'select'> {
  return translation.verb === 'select' ? 'insert' : translation.verb;
}

/** A statement may be described before its binds are known. */
function boundOrNull(
  names: readonly string[],
  binds: Readonly<Record<string, BindValue>> | undefined,
): Record<string, BindValue> {
  return Object.fromEntries(names.map((name) => [name, binds?.[name] ?? { type: 'TEXT', value: null }]));
}

function fromTable(queryId: string, statementTypeId: number, table: ResultTable): RanStatement {
  return { queryId, statementTypeId, columns: table.columns, blocks: blocksOf(table), numberOfBinds: 0 };
}

async function* nothing(): AsyncGenerator<RowBlock> {}
