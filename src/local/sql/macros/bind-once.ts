import { MACRO_SCHEMA } from './macro-schema.js';

/**
 * DuckDB puts a macro's argument in every place where its body names it, and a macro in a macro's argument multiplies: a
 * call nested three deep may be a hundred thousand expressions to plan. Where that would make more than this many tokens,
 * the argument is computed once and handed on as a lambda's variable. A lambda costs time for each row, so not before.
 */
const TOO_MANY_TOKENS = 400;
/** The same inside a lambda, where DuckDB computes again what is repeated. */
const TOO_MANY_INSIDE = 10;

/** Ends the name of a macro's twin that is made to be called inside a lambda. */
const INSIDE = '__inside';

const PREFIX = `${MACRO_SCHEMA}.`;

/** The lambda's variable. Its body holds nothing but the call, so no name of the arguments can be taken for it. */
const ONCE = 'once_';

const TOKEN = new RegExp(
  `\\s*(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<macro>\\b${MACRO_SCHEMA}\\.\\w+)\\s*\\(|[A-Za-z_]\\w*|\\$?\\d[\\w.]*|[^\\s])`,
  'y',
);
/** Literals and lists of them: some functions of DuckDB take nothing else, and repeating them costs nothing. */
const LITERAL = /^(?:\s|[[\],-]|NULL\b|TRUE\b|FALSE\b|\d+(?:\.\d+)?\b|'(?:[^']|'')*')+$/i;
const OPENING = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);

interface Call {
  readonly name: string;
  readonly args: readonly (readonly Piece[])[];
}

/** A token with the space before it, or a call of a macro. */
type Piece = string | Call;

interface Written {
  readonly text: string;
  /** Its tokens once the macros in it are expanded. */
  readonly weight: number;
}

/** `weight`: the tokens of its body without its arguments; `uses`: how often each of them stands in it. Both fully expanded. */
interface Shape {
  readonly weight: number;
  readonly uses: readonly number[];
  /** Holds a subquery, which a lambda may not. */
  readonly queries: boolean;
}

/** What is known of the macros that were defined so far, in the order in which they use each other. */
export class MacroShapes {
  readonly #shapes = new Map<string, Shape>();

  /** Takes a macro's definition, and gives the macros to create: it and, where that differs, its twin for lambdas. */
  define(signature: string, body: string): readonly (readonly [signature: string, body: string])[] {
    const [, name = '', list = ''] = /^(\w+)\s*\((.*)\)$/s.exec(signature) ?? [];
    const parameters = list.split(',').map((parameter) => parameter.trim().toLowerCase());
    const pieces = read(body);
    const inside = this.#written(pieces, true).text;
    this.#shapes.set(`${MACRO_SCHEMA}.${name.toLowerCase()}`, this.#shapeOf(pieces, parameters));
    if (inside === body) return [[signature, body]];
    this.#shapes.set(`${MACRO_SCHEMA}.${name.toLowerCase()}${INSIDE}`, this.#shapeOf(read(inside), parameters));
    return [
      [signature, body],
      [`${name}${INSIDE}(${list})`, inside],
    ];
  }

  /** The same SQL, each macro's argument in it computed once where it would otherwise be planned too often. */
  bindOnce(sql: string): string {
    const first = sql.indexOf(PREFIX);
    // One macro alone has nothing inside that multiplies.
    return first < 0 || sql.indexOf(PREFIX, first + 1) < 0 ? sql : this.#written(read(sql), false).text;
  }

  #written(pieces: readonly Piece[], inLambda: boolean): Written {
    let text = '';
    let weight = 0;
    for (const piece of pieces) {
      const written = typeof piece === 'string' ? undefined : this.#writtenCall(piece, inLambda);
      text += written?.text ?? piece;
      weight += written?.weight ?? 1;
    }
    return { text, weight };
  }

  #writtenCall({ name: spaced, args }: Call, inLambda: boolean): Written {
    const name = spaced.trim();
    const space = spaced.slice(0, spaced.length - spaced.trimStart().length);
    const written = args.map((arg) => this.#written(arg, inLambda));
    const twin = this.#shapes.has(`${name.toLowerCase()}${INSIDE}`) ? `${name}${INSIDE}` : name;
    const called = inLambda ? twin : name;
    const shape = this.#shapes.get(called.toLowerCase());
    const expanded = written.map(({ weight }, i) => weight * (shape?.uses[i] ?? 1));
    const plain = {
      text: `${space}${called}(${written.map(({ text }) => text).join(',')})`,
      weight: (shape?.weight ?? 1) + sum(expanded),
    };
    if (shape === undefined || shape.queries) return plain;
    const added = sum(written.map(({ weight }, i) => (weight - 1) * ((shape.uses[i] ?? 1) - 1)));
    if (added <= (inLambda ? TOO_MANY_INSIDE : TOO_MANY_TOKENS)) return plain;
    // Also what is not used too often: a lambda's body may name no columns of a grouped query, and no aggregates.
    const handed = written.map(({ text }, i) => (LITERAL.test(text) ? undefined : { key: `a${i}`, text: text.trim() }));
    const struct = handed.flatMap((arg) => (arg === undefined ? [] : [`'${arg.key}': ${arg.text}`]));
    if (struct.length === 0) return plain;
    const within = written.map(({ text }, i) => (handed[i] === undefined ? text : `${ONCE}.${handed[i].key}`));
    return {
      text: `${space}list_transform([{${struct.join(', ')}}], lambda ${ONCE}: ${twin}(${within.join(', ')}))[1]`,
      weight:
        sum(written.map(({ weight }) => weight)) +
        (this.#shapes.get(twin.toLowerCase())?.weight ?? 1) +
        sum(shape.uses),
    };
  }

  #shapeOf(pieces: readonly Piece[], parameters: readonly string[]): Shape {
    const none = new Map(parameters.map((parameter) => [parameter, 0]));
    const weight = this.#weigh(pieces, none);
    const uses = parameters.map((parameter) => this.#weigh(pieces, new Map([...none, [parameter, 1]])) - weight);
    return { weight, uses, queries: this.#hasQuery(pieces) };
  }

  #hasQuery(pieces: readonly Piece[]): boolean {
    return pieces.some((piece) => {
      if (typeof piece === 'string') return /^\s*select$/i.test(piece);
      return (
        this.#shapes.get(piece.name.trim().toLowerCase())?.queries === true ||
        piece.args.some((arg) => this.#hasQuery(arg))
      );
    });
  }

  /** Tokens after all macros in it are expanded; `known` says what names count for, where that is not one. */
  #weigh(pieces: readonly Piece[], known: ReadonlyMap<string, number> = new Map()): number {
    let weight = 0;
    let field = false;
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        const token = piece.trim();
        weight += field ? 1 : (known.get(token.toLowerCase()) ?? 1);
        field = token === '.';
        continue;
      }
      const shape = this.#shapes.get(piece.name.trim().toLowerCase());
      weight += shape?.weight ?? 1;
      for (const [i, arg] of piece.args.entries()) weight += this.#weigh(arg, known) * (shape?.uses[i] ?? 1);
      field = false;
    }
    return weight;
  }
}

function read(sql: string): readonly Piece[] {
  const pattern = new RegExp(TOKEN);
  const next = (): RegExpExecArray | null => pattern.exec(sql);
  const whole: Piece[] = [];
  /** The calls that are open, each with the brackets that are open inside its last argument. */
  const open: { readonly name: string; readonly args: Piece[][]; depth: number }[] = [];
  let end = 0;
  for (let token = next(); token !== null; token = next()) {
    end = pattern.lastIndex;
    const [text] = token;
    const sign = text.trim();
    const call = open.at(-1);
    const into = call?.args.at(-1) ?? whole;
    if (token.groups?.macro !== undefined) {
      open.push({ name: text.slice(0, text.lastIndexOf('(')), args: [[]], depth: 0 });
    } else if (call !== undefined && call.depth === 0 && sign === ')') {
      open.pop();
      const { name, args } = call;
      (open.at(-1)?.args.at(-1) ?? whole).push({ name, args: args.length === 1 && args[0]?.length === 0 ? [] : args });
    } else if (call !== undefined && call.depth === 0 && sign === ',') {
      call.args.push([]);
    } else {
      if (call !== undefined && OPENING.has(sign)) call.depth += 1;
      if (call !== undefined && CLOSING.has(sign)) call.depth -= 1;
      into.push(text);
    }
  }
  return [...whole, sql.slice(end)];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
