import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { registerJsonFunctions } from '../../../src/local/engine/json-functions.js';
import { LocalError } from '../../../src/local/engine/local-error.js';
import type { SnowflakeType } from '../../../src/local/engine/snowflake-type.js';
import { duckdbTypeOf } from '../../../src/local/engine/types/duckdb-type.js';
import { parseDataType } from '../../../src/local/sql/grammar/data-types.js';
import { installMacros } from '../../../src/local/sql/macros/install.js';
import { parseStatements } from '../../../src/local/sql/parse-statements.js';
import type { NameParts, NameScope, PastMoment, Relation, UserFunction } from '../../../src/local/sql/scope.js';
import { TokenCursor } from '../../../src/local/sql/token-cursor.js';
import { translateStatement } from '../../../src/local/sql/translate.js';
import type { Translation } from '../../../src/local/sql/translation.js';
import { ValuesNeeded } from '../../../src/local/sql/values-needed.js';

export interface Answer {
  readonly names: string[];
  readonly types: (SnowflakeType | undefined)[];
  /** DuckDB's values as JSON gives them: decimals are texts. */
  readonly rows: unknown[][];
  readonly translation: Translation;
}

/** A DuckDB of its own with the macros, and a scope over the tables that the test makes. */
export class DuckDbScope implements NameScope {
  readonly #connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;
  readonly #relations = new Map<string, Relation>();
  readonly parameters = new Map([['WEEK_START', '0']]);
  readonly variables = new Map<string, string>();
  readonly wideNumbers = false;
  #ids = 0;

  constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(): Promise<DuckDbScope> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    registerJsonFunctions(connection);
    await installMacros((sql) => connection.run(sql));
    return new DuckDbScope(instance, connection);
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** `columns` as in CREATE TABLE: `id number, name varchar(10)`. */
  async table(name: string, columns: string, path: readonly [string, string] = ['DB', 'S']): Promise<void> {
    const cursor = new TokenCursor(columns);
    const infos: { name: string; type: SnowflakeType; nullable: boolean }[] = [];
    do infos.push({ name: cursor.identifier(), type: parseDataType(cursor), nullable: true });
    while (cursor.acceptSymbol(','));
    this.#ids += 1;
    const physical = { schema: 'main', table: `t${this.#ids}`, temporary: false };
    await this.#connection.run(
      `CREATE TABLE main.${physical.table} (${infos.map((c) => `"${c.name}" ${duckdbTypeOf(c.type)}`).join(', ')})`,
    );
    const relation: Relation = { kind: 'table', id: this.#ids, name: [...path, name], physical, columns: infos };
    this.#relations.set(name, relation);
    this.#relations.set([...path, name].join('.'), relation);
    this.#relations.set(`${path[1]}.${name}`, relation);
  }

  view(name: string, text: string, columnNames: readonly string[] = []): void {
    this.#ids += 1;
    this.#relations.set(name, { kind: 'view', id: this.#ids, name: ['DB', 'S', name], text, scope: this, columnNames });
  }

  rows(name: string, sql: string): void {
    this.#relations.set(name, { kind: 'rows', sql });
  }

  translate(sql: string): Translation {
    const [statement] = parseStatements(sql);
    if (statement === undefined) throw new Error('no statement');
    return translateStatement(statement, this);
  }

  async run(sql: string): Promise<Answer> {
    const translation = this.translate(sql);
    const result = await this.#connection.runAndReadAll(translation.sql);
    return {
      names: translation.columns?.map((c) => c.name) ?? result.columnNames(),
      types: translation.columns?.map((c) => c.type) ?? [],
      rows: result.getRowsJson() as unknown[][],
      translation,
    };
  }

  /** DuckDB SQL as it stands. */
  async duck(sql: string): Promise<unknown[][]> {
    return (await this.#connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
  }

  async values(sql: string): Promise<unknown[][]> {
    return (await this.run(sql)).rows;
  }

  /** The first row of `SELECT …`. */
  async row(list: string): Promise<unknown[]> {
    return (await this.values(`SELECT ${list}`))[0] ?? [];
  }

  relation(name: NameParts): Relation {
    const relation = this.#relations.get(name.join('.'));
    if (relation !== undefined) return relation;
    throw new LocalError(
      '002003',
      '42S02',
      `SQL compilation error:\nObject '${name.join('.')}' does not exist or not authorized.`,
    );
  }

  tableFunction(): Relation | undefined {
    return undefined;
  }

  contextFunction(name: string): string | undefined {
    return name === 'CURRENT_DATABASE' ? "'DB'" : undefined;
  }

  variable(name: string): string {
    const value = this.variables.get(name);
    if (value === undefined) throw new LocalError('002211', '02000', `Session variable '$${name}' does not exist`);
    return value;
  }

  parameter(name: string): string {
    return this.parameters.get(name) ?? '';
  }

  functions(): readonly UserFunction[] {
    return [];
  }

  bindType(): SnowflakeType | undefined {
    return undefined;
  }

  moment(): PastMoment {
    throw new Error('no past here');
  }

  changes(): Relation {
    throw new Error('no past here');
  }

  valuesOf(sql: string): readonly string[] {
    throw new ValuesNeeded(sql);
  }

  sequence(): string {
    return '1';
  }
}
