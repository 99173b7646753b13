import {
  asArray,
  asBoolean,
  asDate,
  asInteger,
  asLtz,
  asNtz,
  asNumber,
  asObject,
  asReal,
  asText,
  asTime,
  asVariant,
} from '../emit/coerce.js';
import { uncollated } from '../emit/collated.js';
import { type Context, compilationError } from '../emit/context.js';
import { typeName } from '../emit/invalid-cast.js';
import { expandStar } from '../emit/star.js';
import { REAL, type Typed } from '../emit/typed.js';
import type { CallExpr, Expr } from '../grammar/ast.js';
import { takesCollations } from './collated-calls.js';

const NEVER_NUMBERS: ReadonlySet<string> = new Set([
  'BOOLEAN',
  'DATE',
  'TIME',
  'TIMESTAMP_NTZ',
  'TIMESTAMP_LTZ',
  'TIMESTAMP_TZ',
  'BINARY',
  'ARRAY',
  'OBJECT',
]);

/** A function call being translated: gives its arguments in the type that the function takes. */
export class Call {
  readonly node: CallExpr;
  readonly cx: Context;
  readonly name: string;
  readonly #nodes: readonly Expr[];
  readonly #values: (Typed | undefined)[] = [];

  /** `order` gives the places of arguments that are given by name. */
  constructor(node: CallExpr, cx: Context, order: readonly string[] = []) {
    this.node = node;
    this.cx = cx;
    this.name = node.name[node.name.length - 1] ?? '';
    const nodes: Expr[] = [];
    node.args.forEach((arg, i) => {
      const at = arg.name === undefined ? i : order.indexOf(arg.name);
      if (at < 0)
        throw compilationError(
          cx,
          '001003',
          '42000',
          `function ${this.name} has no argument named ${arg.name}`,
          arg.value.start,
        );
      nodes[at] = arg.value;
    });
    this.#nodes = nodes;
  }

  get count(): number {
    return this.#nodes.length;
  }

  has(i: number): boolean {
    return this.#nodes[i] !== undefined;
  }

  expr(i: number): Expr {
    const node = this.#nodes[i];
    if (node === undefined)
      throw this.error(
        '000938',
        '22023',
        `not enough arguments for function [${this.name}], expected ${i + 1}, got ${this.count}`,
      );
    return node;
  }

  arg(i: number): Typed {
    const known = this.#values[i];
    if (known !== undefined) return known;
    const given = this.cx.expression(this.expr(i), this.cx);
    const value = takesCollations(this.name, this.node.distinct === true) ? given : uncollated(given, this.name);
    this.#values[i] = value;
    return value;
  }

  args(from = 0): Typed[] {
    return Array.from({ length: Math.max(0, this.count - from) }, (_, i) => this.arg(from + i));
  }

  /** The arguments, with `*` and `t.*` as the columns they stand for. */
  starredArgs(): Typed[] {
    return this.#nodes.flatMap((node, i) => {
      if (node.kind !== 'star') return [this.arg(i)];
      const values: Typed[] = [];
      expandStar(
        node,
        this.cx,
        (_name, value) => values.push(value),
        () => {
          throw this.error('001003', '42000', `'*' in ${this.name} needs columns that are known`);
        },
      );
      return values;
    });
  }

  sql(i: number): string {
    return this.arg(i).sql;
  }
  text(i: number): string {
    return asText(this.arg(i));
  }
  number(i: number): Typed {
    return asNumber(this.#numeric(i));
  }
  /** A number as aggregates take it, which read texts as floats. */
  measure(i: number): Typed {
    return asNumber(this.#numeric(i), REAL);
  }
  integer(i: number): string {
    return asInteger(this.#numeric(i));
  }
  real(i: number): string {
    return asReal(this.#numeric(i));
  }
  boolean(i: number): string {
    return asBoolean(this.arg(i));
  }
  date(i: number): string {
    return asDate(this.arg(i));
  }
  time(i: number): string {
    return asTime(this.arg(i));
  }
  ntz(i: number): string {
    return asNtz(this.arg(i));
  }
  ltz(i: number): string {
    return asLtz(this.arg(i));
  }
  json(i: number): string {
    return asVariant(this.arg(i));
  }
  array(i: number): string {
    return asArray(this.arg(i));
  }
  object(i: number): string {
    return asObject(this.arg(i));
  }

  /** An argument that is a number or may be read as one; 001044 for dates, truth values and what else never is. */
  #numeric(i: number): Typed {
    const value = this.arg(i);
    if (NEVER_NUMBERS.has(value.type.name)) throw this.wrongTypes();
    return value;
  }

  /** 001044 / 42P13: the function takes no arguments of such types. */
  wrongTypes(): Error {
    const types = this.args().map((value) => (value.interval === true ? 'INTERVAL' : typeName(value.type)));
    return this.error('001044', '42P13', `Invalid argument types for function '${this.name}': (${types.join(', ')})`);
  }

  /** A constant text: what was written as a literal, or a word such as `day` that stands for itself. */
  word(i: number): string {
    const node = this.expr(i);
    if (node.kind === 'column' && node.parts.length === 1) return node.parts[0]?.name ?? '';
    const value = this.arg(i);
    if (typeof value.literal === 'string') return value.literal.toUpperCase();
    throw this.error(
      '001015',
      '22023',
      `argument ${i + 1} to function ${this.name} needs to be constant, found '${this.cx.text.slice(node.start, node.end)}'`,
    );
  }

  /** A whole number that must be written as a literal. */
  constantInteger(i: number): number {
    const { literal } = this.arg(i);
    if (typeof literal === 'number' && Number.isInteger(literal)) return literal;
    const { start, end } = this.expr(i);
    throw this.error(
      '001015',
      '22023',
      `argument ${i + 1} to function ${this.name} needs to be constant, found '${this.cx.text.slice(start, end)}'`,
    );
  }

  error(number: string, sqlState: string, message: string): Error {
    return compilationError(this.cx, number, sqlState, message, this.node.start);
  }
}

export interface FunctionRule {
  readonly min: number;
  readonly max: number;
  /** Names by which arguments may be given, in order. */
  readonly names?: readonly string[];
  /** Aggregates and window functions build FILTER, ORDER BY and OVER themselves. */
  readonly emit: (call: Call) => Typed;
}

export type FunctionTable = Readonly<Record<string, FunctionRule>>;

export function rule(min: number, max: number, emit: (call: Call) => Typed, names?: readonly string[]): FunctionRule {
  return names === undefined ? { min, max, emit } : { min, max, emit, names };
}
