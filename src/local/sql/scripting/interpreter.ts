import type { CommandContext, NestedResult } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { NUMBER, type ResultTable } from '../../engine/result-table.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { showType } from '../../engine/types/show-type.js';
import { positionOf, unsupported } from '../syntax-error.js';
import { literalOf, type ScriptValue } from './literal.js';
import { handlerFor, Raised, Reraise } from './raised.js';
import type { Block, Declaration, Handler, ScriptStatement, ScriptText } from './script.js';
import { integerOf, nameIn, withoutParentheses } from './script-text.js';
import { withBinds, withPositions, withValues } from './substitute.js';
import { type HeldResult, NOTHING, Variables } from './variables.js';

/** What a script ended with: a value, rows, or neither. */
export type ScriptOutcome =
  | { readonly kind: 'value'; readonly value: ScriptValue }
  | { readonly kind: 'rows'; readonly table: ResultTable };

/** How a statement ended: undefined goes on with the next one. */
type Flow = undefined | { readonly leave: 'break' | 'continue'; readonly label?: string } | ScriptOutcome;

/** Runs blocks of Snowflake Scripting in a session. */
export class Interpreter {
  readonly #context: CommandContext;
  readonly #text: string;

  /** `text` is the script's, for the places of errors. */
  constructor(context: CommandContext, text: string) {
    this.#context = context;
    this.#text = text;
  }

  /** Runs a block with the given variables around it. What nobody handled ends as `Uncaught exception of type …`. */
  async run(block: Block, around: Variables): Promise<ScriptOutcome> {
    around.declare('SQLROWCOUNT', value(NUMBER, null));
    around.declare('SQLFOUND', value({ name: 'BOOLEAN' }, null));
    around.declare('SQLNOTFOUND', value({ name: 'BOOLEAN' }, null));
    around.declare('SQLID', value(NOTHING.type, null));
    try {
      const flow = await this.#block(block, around);
      return flow === undefined || 'leave' in flow ? { kind: 'value', value: NOTHING } : flow;
    } catch (error) {
      throw error instanceof Raised ? error.uncaught : error;
    }
  }

  async #block(block: Block, outer: Variables): Promise<Flow> {
    const variables = new Variables(outer);
    try {
      for (const declaration of block.declarations) await this.#declare(declaration, variables);
      return await this.#statements(block.body, variables, block.handlers);
    } catch (error) {
      const raised = this.#asRaised(error);
      const handler = raised === undefined ? undefined : handlerFor(block.handlers, raised.exception);
      if (raised === undefined || handler === undefined) throw error;
      return await this.#handle(handler, raised, variables);
    }
  }

  async #handle(handler: Handler, raised: Raised, outer: Variables): Promise<Flow> {
    const variables = new Variables(outer);
    const { number, message, sqlState } = raised.plain;
    variables.declare('SQLCODE', value(NUMBER, String(Number(number))));
    variables.declare('SQLERRM', value(NOTHING.type, message));
    variables.declare('SQLSTATE', value(NOTHING.type, sqlState));
    try {
      return await this.#statements(handler.body, variables, []);
    } catch (error) {
      if (error instanceof Reraise) throw raised;
      throw error;
    }
  }

  async #statements(
    statements: readonly ScriptStatement[],
    variables: Variables,
    handlers: readonly Handler[] = [],
  ): Promise<Flow> {
    for (const statement of statements) {
      const { signal } = this.#context;
      if (signal.aborted) throw signal.reason;
      try {
        const flow = await this.#statement(statement, variables);
        if (flow !== undefined) return flow;
      } catch (error) {
        const raised = this.#asRaised(error, statement);
        if (raised === undefined) throw error;
        const handler = handlerFor(handlers, raised.exception);
        if (handler?.resume !== true) throw raised;
        const flow = await this.#handle(handler, raised, variables);
        if (flow !== undefined) return flow;
      }
    }
    return undefined;
  }

  /** A LocalError under Snowflake's name for it; undefined for what no handler may catch: a cancel, an error of our own. */
  #asRaised(error: unknown, statement?: ScriptStatement): Raised | undefined {
    if (error instanceof Raised) return error;
    if (!(error instanceof LocalError) || this.#context.signal.aborted) return undefined;
    const kind = statement?.kind === 'sql' || statement?.kind === 'execute' ? 'STATEMENT_ERROR' : 'EXPRESSION_ERROR';
    return new Raised(kind, error, this.#uncaught(kind, error, statement));
  }

  #uncaught(kind: string, error: LocalError, statement: ScriptStatement | undefined): LocalError {
    if (statement === undefined) return error;
    const at = positionOf(this.#text, statement.offset);
    const text = `Uncaught exception of type '${kind}' on line ${at.line} at position ${at.position} : ${error.message}`;
    return new LocalError(error.number, error.sqlState, text, at);
  }

  async #declare(declaration: Declaration, variables: Variables): Promise<void> {
    switch (declaration.kind) {
      case 'variable': {
        const { name, type, value: initial } = declaration;
        const given = initial === undefined ? undefined : await this.#evaluate(initial, variables, type);
        variables.declare(name, {
          kind: 'value',
          type,
          value: given ?? { type: type ?? NOTHING.type, cell: null },
        });
        return;
      }
      case 'cursor': {
        const { name, query } = declaration;
        const source = variables.find(query.text.trim().toUpperCase());
        const result = source?.kind === 'resultset' ? source.result : undefined;
        variables.declare(name, { kind: 'cursor', query, result, next: 0 });
        return;
      }
      case 'resultset': {
        const { name, query } = declaration;
        const result = query === undefined ? undefined : await this.#query(query, variables);
        variables.declare(name, { kind: 'resultset', result });
        return;
      }
      case 'exception': {
        const { name, number, message } = declaration;
        variables.declare(name, { kind: 'exception', number, message });
      }
    }
  }

  async #statement(statement: ScriptStatement, variables: Variables): Promise<Flow> {
    switch (statement.kind) {
      case 'null':
        return undefined;
      case 'block':
        return await this.#block(statement.block, variables);
      case 'let':
        await this.#declare(statement.declaration, variables);
        return undefined;
      case 'assign':
        await this.#assign(statement, variables);
        return undefined;
      case 'if':
        for (const { condition, body } of statement.branches) {
          if (await this.#holds(condition, variables)) return await this.#inside(body, variables);
        }
        return await this.#inside(statement.otherwise, variables);
      case 'case':
        return await this.#case(statement, variables);
      case 'count':
      case 'each':
      case 'while':
      case 'repeat':
      case 'loop':
        return await this.#loop(statement, variables);
      case 'break':
      case 'continue': {
        const { kind, label } = statement;
        return label === undefined ? { leave: kind } : { leave: kind, label };
      }
      case 'return':
        return await this.#return(statement, variables);
      case 'raise':
        throw this.#raise(statement, variables);
      case 'open':
        await this.#open(statement, variables);
        return undefined;
      case 'fetch':
        this.#fetch(statement, variables);
        return undefined;
      case 'close':
        variables.get(statement.cursor, 'cursor').result = undefined;
        return undefined;
      case 'execute': {
        const ran = await this.#executeImmediate(statement, variables);
        this.#into(statement.into, ran, variables);
        return undefined;
      }
      case 'sql': {
        const ran = await this.#run(withBinds(statement.text.text, variables), variables);
        this.#into(statement.into, ran, variables);
        return undefined;
      }
    }
  }

  async #inside(body: readonly ScriptStatement[], variables: Variables): Promise<Flow> {
    return await this.#statements(body, new Variables(variables));
  }

  async #assign(statement: ScriptStatement & { kind: 'assign' }, variables: Variables): Promise<void> {
    const { name, value: text } = statement;
    const target = variables.find(name);
    if (target?.kind === 'resultset') {
      target.result = await this.#query(text, variables);
      return;
    }
    const variable = variables.get(name, 'value');
    variable.value = await this.#evaluate(text, variables, variable.type);
  }

  async #case(statement: ScriptStatement & { kind: 'case' }, variables: Variables): Promise<Flow> {
    const { operand, branches, otherwise } = statement;
    const compared = operand === undefined ? undefined : await this.#evaluate(operand, variables);
    for (const { condition, body } of branches) {
      const text =
        compared === undefined ? condition : { ...condition, text: `(${literalOf(compared)}) = (${condition.text})` };
      if (await this.#holds(text, variables)) return await this.#inside(body, variables);
    }
    return await this.#inside(otherwise ?? [], variables);
  }

  async #loop(
    statement: ScriptStatement & { kind: 'count' | 'each' | 'while' | 'repeat' | 'loop' },
    variables: Variables,
  ): Promise<Flow> {
    const { body, label } = statement;
    for await (const names of this.#rounds(statement, variables)) {
      // A loop whose body never waits for DuckDB would leave no turn to a cancel.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#context.signal.aborted) throw this.#context.signal.reason;
      const flow = await this.#statements(body, names);
      if (flow === undefined) continue;
      if (!('leave' in flow)) return flow;
      const mine = flow.label === undefined || flow.label === label;
      if (!mine) return flow;
      if (flow.leave === 'break') return undefined;
    }
    return undefined;
  }

  /** The names of each round of a loop, in order, until its condition ends it. */
  async *#rounds(
    statement: ScriptStatement & { kind: 'count' | 'each' | 'while' | 'repeat' | 'loop' },
    variables: Variables,
  ): AsyncGenerator<Variables> {
    switch (statement.kind) {
      case 'loop':
        for (;;) yield new Variables(variables);
      case 'while':
        while (await this.#holds(statement.condition, variables)) yield new Variables(variables);
        return;
      case 'repeat':
        do yield new Variables(variables);
        while (!(await this.#holds(statement.condition, variables)));
        return;
      case 'count': {
        const from = await this.#integer(statement.from, variables);
        const to = await this.#integer(statement.to, variables);
        for (let n = 0; n <= to - from; n++) {
          const names = new Variables(variables);
          names.declare(statement.name, value(NUMBER, String(statement.reverse ? to - n : from + n)));
          yield names;
        }
        return;
      }
      case 'each': {
        const { table } = await this.#rowsOf(statement.source, variables);
        for (const cells of table.rows) {
          const names = new Variables(variables);
          names.declare(statement.name, { kind: 'row', columns: table.columns, cells });
          yield names;
        }
      }
    }
  }

  async #rowsOf(name: string, variables: Variables): Promise<HeldResult> {
    const source = variables.find(name);
    if (source?.kind === 'resultset' && source.result !== undefined) return source.result;
    const cursor = variables.get(name, 'cursor');
    return cursor.result ?? (await this.#query(cursor.query, variables));
  }

  async #return(statement: ScriptStatement & { kind: 'return' }, variables: Variables): Promise<Flow> {
    const { value: text, table } = statement;
    if (table !== undefined) {
      const held = variables.find(table.text.trim().replace(/^:/, '').toUpperCase());
      if (held?.kind === 'resultset' && held.result !== undefined) return { kind: 'rows', table: held.result.table };
      return { kind: 'rows', table: (await this.#query(table, variables)).table };
    }
    return { kind: 'value', value: text === undefined ? NOTHING : await this.#evaluate(text, variables) };
  }

  #raise(statement: ScriptStatement & { kind: 'raise' }, variables: Variables): Error {
    if (statement.name === undefined) return new Reraise();
    const { number, message } = variables.get(statement.name, 'exception');
    const error = new LocalError(String(number), 'P0001', message);
    return new Raised(statement.name, error, this.#uncaught(statement.name, error, statement));
  }

  async #open(statement: ScriptStatement & { kind: 'open' }, variables: Variables): Promise<void> {
    const cursor = variables.get(statement.cursor, 'cursor');
    cursor.next = 0;
    const source = variables.find(nameIn(cursor.query.text));
    if (source?.kind === 'resultset') {
      cursor.result = source.result;
      return;
    }
    const values: string[] = [];
    for (const text of statement.using) values.push(literalOf(await this.#evaluate(text, variables)));
    cursor.result = await this.#query({ ...cursor.query, text: withPositions(cursor.query.text, values) }, variables);
  }

  #fetch(statement: ScriptStatement & { kind: 'fetch' }, variables: Variables): void {
    const cursor = variables.get(statement.cursor, 'cursor');
    if (cursor.result === undefined) {
      throw new LocalError('090228', '22000', `Cursor '${statement.cursor}' is not open.`);
    }
    const { columns, rows } = cursor.result.table;
    const row = rows[cursor.next];
    cursor.next += 1;
    for (const [i, name] of statement.into.entries()) {
      const type = columns[i]?.type;
      const target = variables.get(name, 'value');
      // Behind the last row a cursor gives NULL.
      target.value = row === undefined || type === undefined ? NOTHING : { type, cell: row[i] ?? null };
    }
  }

  async #executeImmediate(
    { text, using }: { readonly text: ScriptText; readonly using: readonly ScriptText[] },
    variables: Variables,
  ): Promise<NestedResult> {
    const { cell } = await this.#evaluate(text, variables);
    const values: string[] = [];
    for (const bind of using) values.push(literalOf(await this.#evaluate(bind, variables)));
    if (cell === null) throw new LocalError('001003', '42000', 'SQL compilation error:\nEXECUTE IMMEDIATE of NULL.');
    return await this.#run(withPositions(cell, values), variables);
  }

  #into(names: readonly string[], ran: NestedResult, variables: Variables): void {
    if (names.length === 0) return;
    const { columns, rows } = ran.table;
    if (rows.length > 1) {
      throw new LocalError('090229', '22000', 'A SELECT INTO statement expects exactly 1 returned row, but got more.');
    }
    if (columns.length !== names.length) {
      throw new LocalError(
        '090230',
        '22000',
        `SELECT INTO names ${names.length} variables for ${columns.length} columns.`,
      );
    }
    for (const [i, name] of names.entries()) {
      const target = variables.get(name, 'value');
      const type = columns[i]?.type ?? NOTHING.type;
      target.value = { type, cell: rows[0]?.[i] ?? null };
    }
  }

  /** A query, CALL or EXECUTE IMMEDIATE whose rows are kept. */
  async #query({ text }: ScriptText, variables: Variables): Promise<HeldResult> {
    const bare = withoutParentheses(text.trim().replace(/^async\s*(?=\()/i, ''));
    const opened = /^resultset_from_cursor\s*\(\s*:?(\S+?)\s*\)$/i.exec(bare)?.[1];
    if (opened !== undefined) return await this.#rowsOf(nameIn(opened), variables);
    const immediate = /^execute\s+immediate\s+(.+)$/is.exec(bare)?.[1];
    if (immediate !== undefined) {
      const [body = '', using] = immediate.split(/\busing\s*(?=\()/i);
      const binds = using === undefined ? [] : withoutParentheses(using).split(',');
      return await this.#executeImmediate(
        { text: { text: body, offset: 0 }, using: binds.map((bind) => ({ text: bind, offset: 0 })) },
        variables,
      );
    }
    return await this.#run(withBinds(bare, variables), variables);
  }

  async #run(text: string, variables: Variables): Promise<NestedResult> {
    const ran = await this.#context.runNested(text);
    const count = ran.changed ?? ran.table.rows.length;
    set(variables, 'SQLROWCOUNT', String(count));
    set(variables, 'SQLFOUND', count > 0 ? '1' : '0');
    set(variables, 'SQLNOTFOUND', count > 0 ? '0' : '1');
    set(variables, 'SQLID', ran.queryId);
    return ran;
  }

  async #evaluate(text: ScriptText, variables: Variables, type?: SnowflakeType): Promise<ScriptValue> {
    const call = /^\(?\s*(call\s.+?)\)?$/is.exec(text.text.trim());
    if (call !== null) {
      const { table } = await this.#query(text, variables);
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

  async #converted(given: ScriptValue, type: SnowflakeType | undefined): Promise<ScriptValue> {
    if (type === undefined || type.name === given.type.name) return given;
    const { rows } = await this.#context.evaluate(`SELECT CAST((${literalOf(given)}) AS ${showType(type)})`);
    return { type, cell: rows[0]?.[0] ?? null };
  }

  async #holds(condition: ScriptText, variables: Variables): Promise<boolean> {
    return (await this.#evaluate(condition, variables, { name: 'BOOLEAN' })).cell === '1';
  }

  async #integer(text: ScriptText, variables: Variables): Promise<number> {
    const { cell } = await this.#evaluate(text, variables, NUMBER);
    if (cell === null) throw new LocalError('090231', '22000', 'A FOR loop needs bounds that are not NULL.');
    return Number(cell);
  }
}

function value(type: SnowflakeType, cell: string | null) {
  return { kind: 'value' as const, type, value: { type, cell } };
}

function set(variables: Variables, name: string, cell: string): void {
  const variable = variables.find(name);
  if (variable?.kind === 'value') variable.value = { ...variable.value, cell };
}
