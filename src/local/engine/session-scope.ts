import { parseSignature, signatureOf } from '../sql/commands/routine-signature.js';
import { duckString } from '../sql/lexer.js';
import type { NameParts, NameScope, Relation, TableArgument, UserFunction } from '../sql/scope.js';
import { TokenCursor } from '../sql/token-cursor.js';
import { ValuesNeeded } from '../sql/values-needed.js';
import type { DatabaseEntry, EntryKind, KeptEntry, StreamEntry, TableEntry, ViewEntry } from './catalog/entries.js';
import { contextFunction, isOfTheMoment, type StatementMoment } from './context-functions.js';
import { bindType } from './encoding/bind-type.js';
import type { StatementInput } from './engine.js';
import { getDdl } from './get-ddl.js';
import { accountQueryHistory, historyFunction } from './history-functions.js';
import { informationSchemaView } from './information-schema.js';
import { withRowCounts } from './information-schema-counts.js';
import { LocalError } from './local-error.js';
import { loginHistory, loginHistoryFunction } from './login-history.js';
import { momentSql } from './moment-sql.js';
import { findTagged, tagKey, tagReferences, tagValue } from './object-tags.js';
import { protectedRelation, visibleRows } from './policies.js';
import type { QueryHistory } from './query-history.js';
import type { ResultTable } from './result-table.js';
import { resultTableSql } from './result-table-sql.js';
import type { SessionNames } from './session-names.js';
import { INFORMATION_SCHEMA, missing } from './session-names.js';
import { noCurrentDatabase, notFound, objectNotFound } from './snowflake-errors.js';
import type { SnowflakeType } from './snowflake-type.js';
import { COPY_HISTORY_COLUMNS, copyHistorySql, LOAD_HISTORY_COLUMNS, loadHistorySql } from './stages/load-records.js';
import { assertFresh, changesSql, streamColumns } from './stream-changes.js';
import { taskHistoryFunction } from './task-runs.js';

/** What a statement of a session can name. A view's scope is the same with the view's own schema as the current one. */
export class SessionScope implements NameScope {
  readonly #names: SessionNames;
  readonly #history: QueryHistory;
  readonly #moment: StatementMoment;
  readonly #operation: string;
  readonly #binds: StatementInput['binds'];
  readonly #values: ReadonlyMap<string, readonly string[]> | undefined;
  readonly #staged: ((name: NameParts) => Relation | undefined) | undefined;
  /**
   * False once something was named whose rows or value may be different the next time, although the session, the tables
   * and the translated SQL are the same.
   */
  #lasting = true;

  /** `operation` is the word in "Cannot perform SELECT. This session does not have a current database." */
  constructor(
    names: SessionNames,
    history: QueryHistory,
    moment: StatementMoment,
    {
      operation,
      binds,
      staged,
      values,
    }: {
      /** What queries gave that the translation asked for. */
      readonly values?: ReadonlyMap<string, readonly string[]>;
      readonly operation: string;
      readonly staged?: (name: NameParts) => Relation | undefined;
    } & Pick<StatementInput, 'binds'>,
  ) {
    this.#names = names;
    this.#history = history;
    this.#moment = moment;
    this.#operation = operation;
    this.#binds = binds;
    this.#staged = staged;
    this.#values = values;
  }

  /** Whether the translated SQL gives the same for as long as no table that it reads is changed. */
  get wideNumbers(): boolean {
    return this.#names.state.wideNumbers;
  }

  get lasting(): boolean {
    return this.#lasting;
  }

  relation(name: NameParts, uses?: readonly string[]): Relation {
    const staged = this.#staged?.(name);
    if (staged !== undefined) return this.#passing(staged);
    return this.relationOf(this.#names, name, uses);
  }

  /** With the rights that the names have: a view's are its owner's. */
  relationOf(names: SessionNames, name: NameParts, uses: readonly string[] = ['SELECT']): Relation {
    const rows = this.#informationSchema(name);
    if (rows !== undefined) return this.#passing('kind' in rows ? rows : rowsRelation(rows));
    const { accessLog } = names.state;
    if (name.join('.') === 'SNOWFLAKE.ACCOUNT_USAGE.LOGIN_HISTORY' && accessLog !== undefined)
      return this.#passing(rowsRelation(loginHistory(accessLog, names)));
    if (name.join('.') === 'SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY') {
      return this.#passing(accountQueryHistory(names, this.#history));
    }
    const stream = names.findStream(name);
    if (stream !== undefined && !this.#isRelation(names, name)) return this.#streamRelation(names, stream);
    const { entry, place } = names.relation(name, this.#operation);
    for (const privilege of uses) names.assertMay(privilege, entry);
    const full = [place.database.name, place.schema.name, entry.name] as const;
    const rowsOf = entry.kind === 'table' ? tableRelation(entry, full) : this.#viewRelation(names, entry, full);
    const read = protectedRelation(rowsOf, entry, this.#names.whole, this, (policy) =>
      this.#policyScope(names, policy),
    );
    if (read === undefined) return rowsOf;
    if (rowsOf.kind !== 'table' || entry.kind !== 'table') return read;
    return { ...rowsOf, read, ...visibleRows(entry, read) };
  }

  tableFunction(name: NameParts, args: readonly TableArgument[]): Relation | undefined {
    const relation = this.#tableFunction(name, args);
    return relation === undefined ? undefined : this.#passing(relation);
  }

  #passing<T>(named: T): T {
    this.#lasting = false;
    return named;
  }

  #tableFunction(name: NameParts, args: readonly TableArgument[]): Relation | undefined {
    const last = name.at(-1) ?? '';
    if (last === 'RESULT_SCAN' && name.length === 1) return rowsRelation(this.#resultScan(args[0]?.value));
    if (last === 'COPY_HISTORY' && name.at(-2) === INFORMATION_SCHEMA) return this.#copyHistory(args);
    if (last === 'TAG_REFERENCES' && name.at(-2) === INFORMATION_SCHEMA) {
      const [object = '', domain = ''] = args.map(({ value }) => String(value ?? ''));
      const tagged = findTagged(domain, new TokenCursor(object).name(), this.#names);
      return rowsRelation(tagReferences(domain, tagged, this.#names));
    }
    if (last === 'TASK_HISTORY' && name.at(-2) === INFORMATION_SCHEMA) {
      const { whole } = this.#names;
      return rowsRelation(taskHistoryFunction(whole, this.#names.currentDatabase(this.#operation).name, args));
    }
    if (last === 'VALIDATE' && name.length === 1) return rowsRelation(this.#validate(args));
    if (name.at(-2) !== INFORMATION_SCHEMA) return undefined;
    const { accessLog } = this.#names.state;
    const logins = accessLog && loginHistoryFunction(last, args, accessLog, this.#names);
    if (logins !== undefined) return logins;
    return historyFunction(last, args, this.#names, this.#history);
  }

  contextFunction(name: string, args: readonly (string | number | null)[]): string | undefined {
    if (name === 'SYSTEM$STREAM_HAS_DATA') return this.#streamHasData(String(args[0] ?? ''));
    if (name === 'SYSTEM$GET_TAG') {
      const [tag = '', object = '', domain = ''] = args.map((arg) => String(arg ?? ''));
      const names = this.#names;
      const tagged = findTagged(domain, new TokenCursor(object).name(), names);
      const value = tagValue(tagKey(new TokenCursor(tag).name(), names), tagged, names);
      return value === undefined ? 'CAST(NULL AS VARCHAR)' : duckString(value);
    }
    if (name === 'SYSTEM$PIPE_STATUS') return duckString(this.#pipeStatus(String(args[0] ?? '')));
    if (name === 'GET_DDL') return duckString(this.#getDdl(args));
    if (isOfTheMoment(name)) this.#lasting = false;
    return contextFunction(name, args, this.#names.state, this.#moment);
  }

  variable(name: string): string {
    const variable = this.#names.state.variables.get(name);
    if (variable === undefined) {
      throw new LocalError(
        '002211',
        '02000',
        `SQL compilation error: error line 1 at position 7\nSession variable '$${name}' does not exist`,
      );
    }
    return variable.sql;
  }

  parameter(name: string): string {
    return this.#names.state.parameters.text(name);
  }

  bindType(name: string): SnowflakeType | undefined {
    const bind = this.#binds?.[name];
    return bind === undefined ? undefined : bindType(bind);
  }

  functions(name: NameParts): readonly UserFunction[] {
    return this.functionsOf(this.#names, name);
  }

  functionsOf(names: SessionNames, name: NameParts): readonly UserFunction[] {
    const { entries, place } = names.routines('function', name);
    if (place === undefined || entries.length === 0) return [];
    if (entries.some(({ language, volatility }) => language === 'JAVASCRIPT' && volatility !== 'IMMUTABLE')) {
      this.#lasting = false;
    }
    const { database, schema } = place;
    for (const entry of entries) names.assertMay('USAGE', entry);
    return entries.map((entry) => ({
      id: entry.id,
      name: entry.routine,
      arguments: entry.arguments,
      returns: entry.returns,
      ...(entry.table === undefined ? {} : { table: entry.table }),
      language: entry.language,
      body: entry.body,
      strict: entry.strict,
      scope: new ViewScope(this, [database.name, schema.name], names.asOwnerOfRoutine(entry.owner)),
    }));
  }

  valuesOf(sql: string): readonly string[] {
    const known = this.#values?.get(sql);
    if (known === undefined) throw new ValuesNeeded(sql);
    return known;
  }

  sequence(name: NameParts): string {
    return this.sequenceOf(this.#names, name);
  }

  sequenceOf(names: SessionNames, name: NameParts): string {
    const { entry } = names.sequence(name);
    names.assertMay('USAGE', entry);
    return `nextval('${entry.physical.schema}.${entry.physical.table}')`;
  }

  #informationSchema(name: NameParts): ResultTable | Relation | undefined {
    const inContext = name.length === 1 && this.#names.state.context.schema === INFORMATION_SCHEMA;
    if (name.at(-2) !== INFORMATION_SCHEMA && !inContext) return undefined;
    const database =
      name.length === 3 ? this.#names.database(name[0] ?? '') : this.#names.currentDatabase(this.#operation);
    if (database === undefined) throw noCurrentDatabase(this.#operation);
    if (name.at(-1) === 'LOAD_HISTORY') return this.#loadHistory(database);
    const table = informationSchemaView(name.at(-1) ?? '', database, this.#names);
    if (table === undefined) throw objectNotFound(name);
    const counted = name.at(-1) === 'TABLES' && /row_count|bytes|\*/i.test(this.#moment.text);
    return counted ? { kind: 'rows', sql: withRowCounts(table, database, this.#names), columns: table.columns } : table;
  }

  #loadHistory(database: DatabaseEntry): Relation {
    const { catalog } = this.#names;
    const tables = catalog
      .children(database.id, 'schema')
      .flatMap((schema) =>
        this.#names.objectsIn(schema, 'table').map(({ id, name }) => ({ id, schema: schema.name, name })),
      );
    return { kind: 'rows', sql: loadHistorySql(tables), columns: LOAD_HISTORY_COLUMNS };
  }

  #policyScope(names: SessionNames, policy: KeptEntry): NameScope {
    const { whole } = this.#names;
    const schema = whole.get(policy.parent);
    const database = schema === undefined ? undefined : whole.get(schema.parent);
    return new ViewScope(this, [database?.name ?? '', schema?.name ?? ''], names.asOwnerOfRoutine(policy.owner));
  }

  #viewRelation(
    names: SessionNames,
    entry: ViewEntry,
    full: readonly [string, string, string],
  ): Relation & { readonly kind: 'view' } {
    return {
      kind: 'view',
      id: entry.id,
      name: full,
      text: entry.query,
      scope: new ViewScope(this, [full[0], full[1]], names.asOwnerOfView(entry.owner)),
      columnNames: entry.columns.map((column) => column.name),
    };
  }

  #pipeStatus(name: string): string {
    const place = this.#names.place(new TokenCursor(name).name(), 'SYSTEM$PIPE_STATUS');
    const pipe = this.#names.findIn(place.schema, 'pipe' as EntryKind, place.name);
    if (pipe === undefined || !('definition' in pipe)) throw missing('Pipe', place);
    const paused = pipe.attributes.PIPE_EXECUTION_PAUSED?.toUpperCase() === 'TRUE';
    return JSON.stringify({ executionState: paused ? 'PAUSED' : 'RUNNING', pendingFileCount: 0 });
  }

  #getDdl([kind, name, qualified]: readonly (string | number | null)[]): string {
    const text = String(name ?? '');
    const open = text.indexOf('(');
    const path = new TokenCursor(open < 0 ? text : text.slice(0, open)).name();
    if (open < 0) return getDdl(String(kind), path, String(qualified) === 'true', this.#names);
    const types = parseSignature(new TokenCursor(text.slice(open)));
    const last = signatureOf(path.at(-1) ?? '', types);
    return getDdl(String(kind), [...path.slice(0, -1), last], String(qualified) === 'true', this.#names);
  }

  /** What the last load into a table, or the one of that query id, found wrong. */
  #validate(args: readonly TableArgument[]): ResultTable {
    const job = args.find((arg) => arg.name === 'JOB_ID')?.value ?? args[1]?.value ?? '_last';
    const { entry } = this.#names.table(new TokenCursor(String(args[0]?.value ?? '')).name(), 'VALIDATE');
    const errors = this.#names.state.loadErrors.find(entry.id, String(job));
    if (errors !== undefined) return errors;
    throw new LocalError('000709', '02000', `Statement ${String(job)} is no load into the table in this session.`);
  }

  /** The loads into one table, from START_TIME on. */
  #copyHistory(args: readonly TableArgument[]): Relation {
    const given = (name: string, at: number): TableArgument | undefined =>
      args.find((arg) => arg.name === name) ?? (args[at]?.name === undefined ? args[at] : undefined);
    const path = new TokenCursor(String(given('TABLE_NAME', 0)?.value ?? '')).name();
    const { entry, place } = this.#names.table(path, 'COPY_HISTORY');
    return {
      kind: 'rows',
      sql: copyHistorySql(
        [place.database.name, place.schema.name, entry.name],
        entry.id,
        momentSql(given('START_TIME', 1)),
        momentSql(given('END_TIME', 2)),
      ),
      columns: COPY_HISTORY_COLUMNS,
    };
  }

  /** A table or view hides a stream of its name. */
  #isRelation(names: SessionNames, name: NameParts): boolean {
    const place = names.place(name, this.#operation);
    return names.findRelationIn(place.schema, place.name) !== undefined;
  }

  #streamRelation(names: SessionNames, stream: StreamEntry): Relation {
    this.#lasting = false;
    const table = names.streamSource(stream.id)?.table;
    names.assertMay('SELECT', stream);
    if (table !== undefined) names.assertMay('SELECT', table);
    assertFresh(stream, table);
    return { kind: 'rows', sql: changesSql(stream, table), columns: streamColumns(table), stream: stream.id };
  }

  #streamHasData(name: string): string {
    const stream = this.#names.findStream(new TokenCursor(name).name());
    if (stream === undefined) throw notFound('Stream', [name]);
    const relation = this.#streamRelation(this.#names, stream);
    return relation.kind === 'rows' ? `EXISTS (SELECT 1 FROM (${relation.sql}) AS "changes")` : 'FALSE';
  }

  #resultScan(id: string | number | null | undefined): ResultTable {
    const table = this.#names.state.result(String(id));
    if (table !== undefined) return table;
    throw new LocalError(
      '000709',
      '02000',
      `Statement ${String(id)} not found (the local Snowflake keeps its user's last results, each up to 10,000 rows)`,
    );
  }
}

/** Names inside a view's text: unqualified ones belong to the view's own schema, and its owner's rights count, whoever asks. */
class ViewScope implements NameScope {
  readonly #outer: SessionScope;
  readonly #home: readonly [database: string, schema: string];
  readonly #names: SessionNames;

  constructor(outer: SessionScope, home: readonly [database: string, schema: string], names: SessionNames) {
    this.#outer = outer;
    this.#home = home;
    this.#names = names;
  }

  relation(name: NameParts, uses?: readonly string[]): Relation {
    return this.#outer.relationOf(this.#names, this.#qualify(name), uses);
  }

  tableFunction(name: NameParts, args: readonly TableArgument[]): Relation | undefined {
    return this.#outer.tableFunction(name.length === 2 ? [this.#home[0], ...name] : name, args);
  }

  contextFunction(name: string, args: readonly (string | number | null)[]): string | undefined {
    return this.#outer.contextFunction(name, args);
  }

  valuesOf(sql: string): readonly string[] {
    return this.#outer.valuesOf(sql);
  }

  variable(name: string): string {
    return this.#outer.variable(name);
  }

  parameter(name: string): string {
    return this.#outer.parameter(name);
  }

  bindType(name: string): SnowflakeType | undefined {
    return this.#outer.bindType(name);
  }

  functions(name: NameParts): readonly UserFunction[] {
    return this.#outer.functionsOf(this.#names, this.#qualify(name));
  }

  sequence(name: NameParts): string {
    return this.#outer.sequenceOf(this.#names, this.#qualify(name));
  }

  #qualify(name: NameParts): NameParts {
    if (name.length === 1) return [...this.#home, ...name];
    return name.length === 2 ? [this.#home[0], ...name] : name;
  }
}

function rowsRelation(table: ResultTable): Relation {
  return { kind: 'rows', sql: resultTableSql(table), columns: table.columns };
}

function tableRelation(
  entry: TableEntry,
  name: readonly [string, string, string],
): Relation & { readonly kind: 'table' } {
  return {
    kind: 'table',
    id: entry.id,
    name,
    physical: { ...entry.physical, temporary: entry.durability === 'TEMPORARY' },
    columns: entry.columns,
  };
}
