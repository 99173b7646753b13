import type { CommandContext, NestedResult } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { NUMBER } from '../../engine/result-table.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { showType } from '../../engine/types/show-type.js';
import { unsupported } from '../syntax-error.js';
import { literalOf, type ScriptValue } from './literal.js';
import type { ScriptText } from './script.js';
import { integerOf, nameIn, withoutParentheses } from './script-text.js';
import { withBinds, withPositions, withValues } from './substitute.js';
import { type HeldResult, NOTHING, type Variables } from './variables.js';

/** Evaluates the expressions of a script and runs its statements, with its variables filled in. */
export class Evaluator {
  readonly #context: CommandContext;

  constructor(context: CommandContext) {
    this.#context = context;
  }

  /** The value of an expression, a variable or a CALL, as the type when one is named. */
  async evaluate(text: ScriptText, variables: Variables, type?: SnowflakeType): Promise<ScriptValue> {
    const call = /^\(?\s*(call\s.+?)\)?$/is.exec(text.text.trim());
    if (call !== null) {
      const { table } = await this.query(text, variables);
      const first = table.columns[0]?.type ?? NOTHING.type;
      return await this.#converted({ type: first, cell: table.rows[0]?.[0] ?? null }, type);
    }
    const held = variables.value(nameIn(text.text));
    if (held !== undefined && (type === undefined || type.name === 'BOOLEAN')) return await this.#converted(held, type);
    const expression = withValues(text.text, variables);
    const known = integerOf(expression);
    if (known !== undefined && (type === undefined || (type.name === 'FIXED' && type.scale === 0))) {
      return { type: type ?? NUMBER, cell: known };
    }
    const query = type === undefined ? expression : `CAST((${expression}) AS ${showType(type)})`;
    const { columns, rows } = await this.#context.evaluate(`SELECT ${query}`);
    const first = columns[0];
    if (first === undefined || columns.length > 1) throw unsupported('an expression of several columns');
    return { type: type ?? first.type, cell: rows[0]?.[0] ?? null };
  }

  /** Whether a condition is true; NULL is not. */
  async holds(condition: ScriptText, variables: Variables): Promise<boolean> {
    return (await this.evaluate(condition, variables, { name: 'BOOLEAN' })).cell === '1';
  }

  /** A bound of a FOR loop. Throws 090231 for NULL. */
  async integer(text: ScriptText, variables: Variables): Promise<number> {
    const { cell } = await this.evaluate(text, variables, NUMBER);
    if (cell === null) throw new LocalError('090231', '22000', 'A FOR loop needs bounds that are not NULL.');
    return Number(cell);
  }

  /** Runs a statement of SQL and sets SQLROWCOUNT, SQLFOUND, SQLNOTFOUND and SQLID. */
  async run(text: string, variables: Variables): Promise<NestedResult> {
    const ran = await this.#context.runNested(text);
    const count = ran.changed ?? ran.table.rows.length;
    set(variables, 'SQLROWCOUNT', String(count));
    set(variables, 'SQLFOUND', count > 0 ? '1' : '0');
    set(variables, 'SQLNOTFOUND', count > 0 ? '0' : '1');
    set(variables, 'SQLID', ran.queryId);
    return ran;
  }

  /** A query, CALL or EXECUTE IMMEDIATE whose rows are kept. */
  async query({ text }: ScriptText, variables: Variables): Promise<HeldResult> {
    const bare = withoutParentheses(text.trim().replace(/^async\s*(?=\()/i, ''));
    const opened = /^resultset_from_cursor\s*\(\s*:?(\S+?)\s*\)$/i.exec(bare)?.[1];
    if (opened !== undefined) return await this.rowsOf(nameIn(opened), variables);
    const immediate = /^execute\s+immediate\s+(.+)$/is.exec(bare)?.[1];
    if (immediate !== undefined) {
      const [body = '', using] = immediate.split(/\busing\s*(?=\()/i);
      const binds = using === undefined ? [] : withoutParentheses(using).split(',');
      return await this.executeImmediate(
        { text: { text: body, offset: 0 }, using: binds.map((bind) => ({ text: bind, offset: 0 })) },
        variables,
      );
    }
    return await this.run(withBinds(bare, variables), variables);
  }

  /** Runs the statement that a text evaluates to, its `?` filled in. Throws 001003 for NULL. */
  async executeImmediate(
    { text, using }: { readonly text: ScriptText; readonly using: readonly ScriptText[] },
    variables: Variables,
  ): Promise<NestedResult> {
    const { cell } = await this.evaluate(text, variables);
    const values: string[] = [];
    for (const bind of using) values.push(literalOf(await this.evaluate(bind, variables)));
    if (cell === null) throw new LocalError('001003', '42000', 'SQL compilation error:\nEXECUTE IMMEDIATE of NULL.');
    return await this.run(withPositions(cell, values), variables);
  }

  /** The rows of a result set or a cursor; a cursor that is not open runs its query. */
  async rowsOf(name: string, variables: Variables): Promise<HeldResult> {
    const source = variables.find(name);
    if (source?.kind === 'resultset' && source.result !== undefined) return source.result;
    const cursor = variables.get(name, 'cursor');
    return cursor.result ?? (await this.query(cursor.query, variables));
  }

  async #converted(given: ScriptValue, type: SnowflakeType | undefined): Promise<ScriptValue> {
    if (type === undefined || type.name === given.type.name) return given;
    const { rows } = await this.#context.evaluate(`SELECT CAST((${literalOf(given)}) AS ${showType(type)})`);
    return { type, cell: rows[0]?.[0] ?? null };
  }
}

function set(variables: Variables, name: string, cell: string): void {
  const variable = variables.find(name);
  if (variable?.kind === 'value') variable.value = { ...variable.value, cell };
}
