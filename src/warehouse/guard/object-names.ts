import { BUILT_IN_FUNCTIONS, BUILT_IN_TABLE_FUNCTIONS } from './built-in-functions.js';
import type { Token } from './lexer.js';
import { isClosing, isName, isOpening, isSymbol, isWord, nameAt, shown, unplaced } from './name-tokens.js';
import {
  AFTER_TABLE,
  CLAUSE_WORDS,
  ENDS_TABLES,
  ENDS_TABLES_BEFORE,
  FUNCTIONS_WITH_FROM,
  NO_FUNCTIONS,
  SET_OPERATORS,
  STATEMENTS_IN_PARENTHESES,
} from './query-words.js';

/** Something that a statement may touch, by its exact name parts as written: one part is sought in the session's schema. */
export interface NamedObject {
  /** `whole-…`: everything in it is touched or told. */
  readonly kind:
    | 'table'
    | 'function'
    | 'schema'
    | 'whole-schema'
    | 'database'
    | 'whole-database'
    | 'role'
    | 'warehouse';
  readonly parts: readonly string[];
}

/** Parentheses in each other; far more than anybody writes. */
const DEEPEST = 200;

/** Table expressions in all WITH clauses of a statement; each is looked at together with those before it. */
const MOST_EXPRESSIONS = 1_000;

type Place = 'elsewhere' | 'table-expected' | 'among-tables' | 'after-set-operator';

type Aliases = ReadonlySet<string>;

const OWN_FUNCTION_HINT = 'Write a function of your own with its schema: SCHEMA.NAME(…).';

/**
 * Every table, view, sequence and user's function that a query or DML statement may name, in whatever place: after FROM, JOIN,
 * USING and INTO, after the commas between tables, in subqueries and table expressions at any depth. Aliases of WITH are left
 * out only where they certainly are what is meant. Fails closed: throws `STATEMENT_NOT_ALLOWED` for what it cannot place.
 * `from` is the first token to look at; `place` what is expected there.
 */
export function namesInQuery(
  tokens: readonly Token[],
  from = 0,
  place: 'elsewhere' | 'table-expected' = 'elsewhere',
): readonly NamedObject[] {
  const scan = new NameScan(tokens, from);
  scan.all(place);
  return scan.names;
}

class NameScan {
  readonly names: NamedObject[] = [];
  readonly #tokens: readonly Token[];
  readonly #hasDmlSource: boolean;
  #at: number;
  #setSeen = false;
  #expressions = 0;

  constructor(tokens: readonly Token[], at: number) {
    this.#tokens = tokens;
    this.#at = at;
    this.#hasDmlSource = tokens.some((token) => token.depth === 0 && isWord(token, 'DELETE', 'MERGE'));
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#at];
  }

  all(start: 'elsewhere' | 'table-expected'): void {
    this.group(new Set(), start, undefined);
    if (this.#token !== undefined) throw unplaced('a parenthesis is closed too often', this.#token);
  }

  /** Reads up to the parenthesis that closes the group, or the end. `opener` is the function whose arguments these are. */
  group(outer: Aliases, start: 'elsewhere' | 'table-expected', opener: string | undefined): void {
    let aliases = outer;
    let place: Place = start;
    const first = this.#token;
    const second = this.#tokens[this.#at + 1];
    if (first?.kind === 'word' && STATEMENTS_IN_PARENTHESES.has(first.text) && this.#at > 0)
      if (isName(second) || second?.kind === 'string')
        throw unplaced(`${first.text} cannot stand in place of a subquery`, first);
    if (isWord(first, 'SELECT', 'WITH', 'FROM')) place = 'elsewhere';
    let hadQuery = false;

    for (let token = this.#token; token !== undefined && !isClosing(token); token = this.#token) {
      if (isWord(token, 'WITH') && !isWord(this.#tokens[this.#at - 1], 'START')) {
        if (hadQuery) throw unplaced('a WITH clause stands in the middle of a query', token);
        aliases = this.#tableExpressions(aliases);
        place = 'elsewhere';
        hadQuery = true;
      } else if (place === 'table-expected') {
        if (isWord(token, 'LATERAL') && !isSymbol(this.#tokens[this.#at + 1], '.')) this.#at += 1;
        else {
          this.#table(aliases);
          place = 'among-tables';
        }
      } else {
        const fromIsNoClause = opener !== undefined && FUNCTIONS_WITH_FROM.has(opener) && !hadQuery;
        hadQuery ||= isWord(token, 'SELECT', 'FROM');
        place = this.#scan(token, aliases, place, fromIsNoClause);
      }
    }
    if (place === 'table-expected') throw unplaced('a table is expected and missing', this.#token);
  }

  /** One step outside of a table's place. */
  #scan(token: Token, aliases: Aliases, place: Place, fromIsNoClause: boolean): Place {
    const next = this.#tokens[this.#at + 1];
    if (token.kind === 'stage') throw unplaced('stages cannot be told apart by their tables', token);
    if (isSymbol(token, '->>')) throw unplaced('a ->> chain passes results on', token);
    if (isOpening(token)) {
      this.#parentheses(aliases, 'elsewhere', undefined);
      return place;
    }
    if (isSymbol(token, ',')) {
      if (place === 'after-set-operator') throw unplaced('a comma follows a set operator', token);
      this.#at += 1;
      return place === 'among-tables' ? 'table-expected' : place;
    }
    if (token.kind === 'word') {
      if (isSymbol(next, '.') && CLAUSE_WORDS.has(token.text)) throw unplaced(`${token.text} is part of a name`, token);
      const clause = this.#clause(token, next, place, fromIsNoClause);
      if (clause !== undefined) {
        this.#at += 1;
        if (token.text === 'INTO') this.#target();
        return clause;
      }
    }
    if (isName(token)) this.#expressionName(token, aliases);
    else this.#at += 1;
    return place;
  }

  /** Where a word leads, if it is one that leads anywhere. */
  #clause(token: Token, next: Token | undefined, place: Place, fromIsNoClause: boolean): Place | undefined {
    switch (token.text) {
      case 'FROM':
        return fromIsNoClause || this.#isDistinctFrom() ? place : 'table-expected';
      case 'JOIN':
        return 'table-expected';
      case 'USING':
        return isSymbol(next, '(') && !this.#isSourceOfDml(token) ? undefined : 'table-expected';
      case 'TABLE':
        throw unplaced('TABLE stands where no table is expected', token);
      case 'INTO':
        if (token.depth > 0) throw unplaced('INTO stands inside of parentheses', token);
        return 'elsewhere';
      case 'SET':
        return this.#isSetOfUpdate(token) ? 'elsewhere' : undefined;
      default:
    }
    if (ENDS_TABLES.has(token.text)) return 'elsewhere';
    const second = ENDS_TABLES_BEFORE.get(token.text);
    if (second !== undefined && isWord(next, ...second)) return 'elsewhere';
    if (SET_OPERATORS.has(token.text)) return 'after-set-operator';
    return undefined;
  }

  #isDistinctFrom(): boolean {
    const before = (steps: number) => this.#tokens[this.#at - steps];
    return (
      isWord(before(1), 'DISTINCT') &&
      (isWord(before(2), 'IS') || (isWord(before(2), 'NOT') && isWord(before(3), 'IS')))
    );
  }

  /** `DELETE FROM t USING (…)`, `MERGE INTO t USING (…)`: elsewhere USING ( is a list of columns. */
  #isSourceOfDml(token: Token): boolean {
    return token.depth === 0 && this.#hasDmlSource;
  }

  /** Elsewhere SET may be an alias, and tables may follow it. */
  #isSetOfUpdate(token: Token): boolean {
    const isFirst = token.depth === 0 && isWord(this.#tokens[0], 'UPDATE') && !this.#setSeen;
    this.#setSeen ||= isFirst;
    return isFirst;
  }

  /** A name in an expression: a column, unless it is called or gives a sequence's next number. */
  #expressionName(token: Token, aliases: Aliases): void {
    const parts = [token.text];
    let end = this.#at + 1;
    while (isSymbol(this.#tokens[end], '.')) {
      const part = this.#tokens[end + 1];
      if (!isName(part)) break;
      if (part.kind === 'word' && CLAUSE_WORDS.has(part.text)) throw unplaced(`${part.text} is part of a name`, part);
      parts.push(part.text);
      end += 2;
    }
    const before = this.#tokens[this.#at - 1];
    this.#at = end;
    if (parts.length > 1 && parts.at(-1)?.toUpperCase() === 'NEXTVAL')
      this.names.push({ kind: 'table', parts: parts.slice(0, -1) });
    if (!isSymbol(this.#token, '(')) return;
    const [name = ''] = parts;
    if (parts.length > 1) this.names.push({ kind: 'function', parts });
    else if (name.toUpperCase() === 'IDENTIFIER') throw unplaced('IDENTIFIER() hides which object is meant', token);
    else if (!this.#isKnownCall(token, before))
      throw unplaced(`${shown(token)}() is not known to look at its arguments only`, token, OWN_FUNCTION_HINT);
    this.#parentheses(aliases, 'elsewhere', token.kind === 'word' && parts.length === 1 ? name : undefined);
  }

  #isKnownCall(token: Token, before: Token | undefined): boolean {
    // What follows a closed parenthesis or AS is an alias with its columns: `(…) AS t (a, b)`.
    if (isSymbol(before, ')') || isWord(before, 'AS')) return true;
    if (token.kind !== 'word') return false;
    return [NO_FUNCTIONS, BUILT_IN_FUNCTIONS, BUILT_IN_TABLE_FUNCTIONS].some((known) => known.has(token.text));
  }

  #parentheses(aliases: Aliases, place: 'elsewhere' | 'table-expected', opener: string | undefined): void {
    if ((this.#token?.depth ?? 0) > DEEPEST) throw unplaced('parentheses are nested too deeply', this.#token);
    this.#at += 1;
    this.group(aliases, place, opener);
    if (!isClosing(this.#token)) throw unplaced('a parenthesis is not closed', this.#token);
    this.#at += 1;
  }

  /** What stands in a table's place, with its alias. */
  #table(aliases: Aliases): void {
    const token = this.#token;
    const next = this.#tokens[this.#at + 1];
    if (isSymbol(token, '(')) this.#parentheses(aliases, 'table-expected', undefined);
    else if (isWord(token, 'VALUES') && isSymbol(next, '(')) this.#rows(aliases);
    else if (isWord(token, 'TABLE')) {
      const called = this.#tokens[this.#at + 2];
      if (!isSymbol(next, '(') || called?.kind !== 'word' || !BUILT_IN_TABLE_FUNCTIONS.has(called.text))
        throw unplaced('TABLE(…) may stand for any object', token);
      this.#at += 1;
      this.#parentheses(aliases, 'elsewhere', undefined);
    } else {
      const { parts, end } = nameAt(this.#tokens, this.#at);
      const called = isSymbol(this.#tokens[end], '(');
      if (called && !(parts.length === 1 && token?.kind === 'word' && BUILT_IN_TABLE_FUNCTIONS.has(token.text)))
        throw unplaced(`the table function ${parts.join('.').slice(0, 80)} may read any object`, token);
      this.#at = end;
      if (called) this.#parentheses(aliases, 'elsewhere', undefined);
      else if (parts.length > 1 || !aliases.has(parts[0] ?? '')) this.names.push({ kind: 'table', parts });
    }
    this.#alias(aliases);
  }

  #rows(aliases: Aliases): void {
    this.#at += 1;
    for (;;) {
      this.#parentheses(aliases, 'elsewhere', undefined);
      if (!isSymbol(this.#token, ',') || !isSymbol(this.#tokens[this.#at + 1], '(')) return;
      this.#at += 1;
    }
  }

  #alias(aliases: Aliases): void {
    if (isWord(this.#token, 'AS')) this.#at += 1;
    const alias = this.#token;
    if (isName(alias) && !(alias.kind === 'word' && AFTER_TABLE.has(alias.text))) {
      this.#at += 1;
      if (isSymbol(this.#token, '(')) this.#parentheses(aliases, 'elsewhere', undefined);
    }
    const after = this.#token;
    if (after !== undefined && !isName(after) && !isClosing(after) && !isSymbol(after, ','))
      throw unplaced(`${shown(after)} follows a table`, after);
  }

  /** The table behind INTO. Aliases of WITH cannot be written to. */
  #target(): void {
    if (isWord(this.#token, 'TABLE')) this.#at += 1;
    const { parts, end } = nameAt(this.#tokens, this.#at);
    this.names.push({ kind: 'table', parts });
    this.#at = end;
    if (isWord(this.#token, 'AS')) this.#at += 1;
    const alias = this.#token;
    if (isName(alias) && !(alias.kind === 'word' && AFTER_TABLE.has(alias.text))) this.#at += 1;
    if (isSymbol(this.#token, '(')) this.#parentheses(new Set(), 'elsewhere', undefined);
  }

  /** `WITH a AS (…), b (c) AS (…)`: each may use those before it. Inside of itself a name is taken for a table's. */
  #tableExpressions(outer: Aliases): Aliases {
    let aliases = outer;
    this.#at += isWord(this.#tokens[this.#at + 1], 'RECURSIVE') ? 2 : 1;
    for (;;) {
      const { parts, end } = nameAt(this.#tokens, this.#at);
      if (parts.length > 1) throw unplaced('a name of WITH has several parts', this.#token);
      this.#expressions += 1;
      if (this.#expressions > MOST_EXPRESSIONS)
        throw unplaced(`it has more than ${MOST_EXPRESSIONS} table expressions`, this.#token);
      this.#at = end;
      if (isSymbol(this.#token, '(')) this.#parentheses(aliases, 'elsewhere', undefined);
      if (!isWord(this.#token, 'AS') || !isSymbol(this.#tokens[this.#at + 1], '('))
        throw unplaced('a WITH clause has another form than NAME AS (…)', this.#token);
      this.#at += 1;
      const name = parts[0] ?? '';
      const inside = new Set(aliases);
      inside.delete(name);
      this.#parentheses(inside, 'elsewhere', undefined);
      aliases = new Set([...aliases, name]);
      if (!isSymbol(this.#token, ',')) return aliases;
      this.#at += 1;
    }
  }
}
