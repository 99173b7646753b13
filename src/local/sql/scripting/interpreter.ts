import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { NUMBER, type ResultTable } from '../../engine/result-table.js';
import { positionOf } from '../syntax-error.js';
import { Evaluator } from './evaluator.js';
import { fetchRow, keepInto, openCursor } from './fetched-rows.js';
import { literalOf, type ScriptValue } from './literal.js';
import { type Loop, rounds } from './loop-rounds.js';
import { handlerFor, Raised, Reraise } from './raised.js';
import type { Block, Declaration, Handler, ScriptStatement } from './script.js';
import { withBinds } from './substitute.js';
import { NOTHING, Variables, valueOfType } from './variables.js';

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
  readonly #evaluator: Evaluator;

  /** `text` is the script's, for the places of errors. */
  constructor(context: CommandContext, text: string) {
    this.#context = context;
    this.#text = text;
    this.#evaluator = new Evaluator(context);
  }

  /** Runs a block with the given variables around it. What nobody handled ends as `Uncaught exception of type …`. */
  async run(block: Block, around: Variables): Promise<ScriptOutcome> {
    around.declare('SQLROWCOUNT', valueOfType(NUMBER, null));
    around.declare('SQLFOUND', valueOfType({ name: 'BOOLEAN' }, null));
    around.declare('SQLNOTFOUND', valueOfType({ name: 'BOOLEAN' }, null));
    around.declare('SQLID', valueOfType(NOTHING.type, null));
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
    variables.declare('SQLCODE', valueOfType(NUMBER, String(Number(number))));
    variables.declare('SQLERRM', valueOfType(NOTHING.type, message));
    variables.declare('SQLSTATE', valueOfType(NOTHING.type, sqlState));
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
        const given = initial === undefined ? undefined : await this.#evaluator.evaluate(initial, variables, type);
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
        const result = query === undefined ? undefined : await this.#evaluator.query(query, variables);
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
          if (await this.#evaluator.holds(condition, variables)) return await this.#inside(body, variables);
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
        await openCursor(statement, variables, this.#evaluator);
        return undefined;
      case 'fetch':
        fetchRow(statement, variables);
        return undefined;
      case 'close':
        variables.get(statement.cursor, 'cursor').result = undefined;
        return undefined;
      case 'execute': {
        const ran = await this.#evaluator.executeImmediate(statement, variables);
        keepInto(statement.into, ran, variables);
        return undefined;
      }
      case 'sql': {
        const ran = await this.#evaluator.run(withBinds(statement.text.text, variables), variables);
        keepInto(statement.into, ran, variables);
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
      target.result = await this.#evaluator.query(text, variables);
      return;
    }
    const variable = variables.get(name, 'value');
    variable.value = await this.#evaluator.evaluate(text, variables, variable.type);
  }

  async #case(statement: ScriptStatement & { kind: 'case' }, variables: Variables): Promise<Flow> {
    const { operand, branches, otherwise } = statement;
    const compared = operand === undefined ? undefined : await this.#evaluator.evaluate(operand, variables);
    for (const { condition, body } of branches) {
      const text =
        compared === undefined ? condition : { ...condition, text: `(${literalOf(compared)}) = (${condition.text})` };
      if (await this.#evaluator.holds(text, variables)) return await this.#inside(body, variables);
    }
    return await this.#inside(otherwise ?? [], variables);
  }

  async #loop(statement: Loop, variables: Variables): Promise<Flow> {
    const { body, label } = statement;
    for await (const names of rounds(statement, variables, this.#evaluator)) {
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

  async #return(statement: ScriptStatement & { kind: 'return' }, variables: Variables): Promise<Flow> {
    const { value: text, table } = statement;
    if (table !== undefined) {
      const held = variables.find(table.text.trim().replace(/^:/, '').toUpperCase());
      if (held?.kind === 'resultset' && held.result !== undefined) return { kind: 'rows', table: held.result.table };
      return { kind: 'rows', table: (await this.#evaluator.query(table, variables)).table };
    }
    return { kind: 'value', value: text === undefined ? NOTHING : await this.#evaluator.evaluate(text, variables) };
  }

  #raise(statement: ScriptStatement & { kind: 'raise' }, variables: Variables): Error {
    if (statement.name === undefined) return new Reraise();
    const { number, message } = variables.get(statement.name, 'exception');
    const error = new LocalError(String(number), 'P0001', message);
    return new Raised(statement.name, error, this.#uncaught(statement.name, error, statement));
  }
}
