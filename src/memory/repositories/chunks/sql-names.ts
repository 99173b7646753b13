import { childrenOf, type SyntaxNode } from './bounded-parse.js';
import type { ChunkSymbol } from './chunk.js';

/** A word, a name or a mark of a statement; what stands in parentheses is one token with tokens of its own. */
interface Token {
  /** Upper case, for words; empty for groups and literals. */
  readonly word: string;
  /** As it was written, quotes taken off. */
  readonly name?: string;
  readonly inner?: readonly Token[];
  readonly string?: string;
}

/** Before the name of what a statement makes. */
const MODIFIERS = new Set(
  'OR REPLACE TEMP TEMPORARY TRANSIENT VOLATILE LOCAL GLOBAL SECURE RECURSIVE MATERIALIZED EXTERNAL DYNAMIC HYBRID ICEBERG AGGREGATE CORTEX SEARCH IF NOT EXISTS'.split(
    ' ',
  ),
);

const OBJECTS = new Set(
  'TABLE VIEW PROCEDURE FUNCTION TASK STREAM STAGE PIPE SCHEMA DATABASE SEQUENCE WAREHOUSE ROLE TAG ALERT INDEX TYPE USER SHARE SERVICE STREAMLIT NOTEBOOK SECRET'.split(
    ' ',
  ),
);

/** Kinds with a word before them: FILE FORMAT, MASKING POLICY. */
const SECOND_WORDS = new Set('FORMAT POLICY INTEGRATION RULE MONITOR'.split(' '));

/** After these comes the name of a table, or of something like it. */
const BEFORE_NAMES = new Set('FROM JOIN INTO UPDATE CLONE REFERENCES CALL DESCRIBE DESC'.split(' '));

/** These are no names, whatever they come after. */
const NEVER_NAMES = new Set(
  'SELECT WHERE LATERAL TABLE VALUES ONLY SET ON USING GROUP ORDER LIMIT WITH AS JOIN LEFT RIGHT INNER FULL CROSS NATURAL UNION INTERSECT EXCEPT MINUS NULL QUERY RESULT'.split(
    ' ',
  ),
);

/** What a statement says about names. */
export interface StatementNames {
  /** Lower case: `table`, `file format`; of a query, `query`. */
  readonly kind: string;
  readonly name?: string;
  readonly symbols: readonly ChunkSymbol[];
  /** Bodies between `$$`, which are statements themselves. */
  readonly bodies: readonly string[];
}

/** Reads the names out of a statement's syntax tree. */
export function statementNames(text: string, statement: SyntaxNode): StatementNames {
  const tokens = tokensOf(text, statement);
  const bodies: string[] = [];
  const uses: string[] = [];
  collectUses(tokens, uses, bodies);
  const made = madeBy(tokens);
  const defined = made?.name === undefined ? [] : symbolsOf(made.name, 'defines');
  const used = uses.flatMap((name) => symbolsOf(name, 'uses'));
  const kind = made?.kind ?? (tokens[0]?.word ?? '').toLowerCase();
  return {
    kind: kind === 'select' || kind === 'with' ? 'query' : /^[a-z]{2,20}$/.test(kind) || made ? kind : 'statement',
    ...(made?.name === undefined ? {} : { name: made.name }),
    symbols: [...defined, ...used.filter(({ name }) => !defined.some((other) => other.name === name))],
    bodies,
  };
}

/** A qualified name is known by all of it and by its last part. */
export function symbolsOf(name: string, role: ChunkSymbol['role']): readonly ChunkSymbol[] {
  const last = name.slice(name.lastIndexOf('.') + 1);
  return last === name
    ? [{ name, role }]
    : [
        { name, role },
        { name: last, role },
      ];
}

function tokensOf(text: string, node: SyntaxNode): readonly Token[] {
  const tokens: Token[] = [];
  for (const child of childrenOf(node)) {
    const raw = text.slice(child.from, child.to);
    switch (child.name) {
      case 'LineComment':
      case 'BlockComment':
        break;
      case 'Parens':
      case 'Braces':
      case 'Brackets':
        tokens.push({ word: '(', inner: tokensOf(text, child) });
        break;
      case 'String':
        tokens.push({ word: '', string: raw });
        break;
      case 'Identifier':
      case 'QuotedIdentifier':
      case 'CompositeIdentifier':
      case 'Keyword':
        tokens.push({ word: raw.toUpperCase(), name: plainName(raw) });
        break;
      default:
        tokens.push({ word: raw });
    }
  }
  return tokens;
}

function plainName(raw: string): string {
  return raw
    .replace(/"((?:[^"]|"")*)"/g, (_all, inner: string) => inner.replaceAll('""', '"'))
    .replace(/\s*\.\s*/g, '.');
}

/** What `CREATE …` makes. */
function madeBy(tokens: readonly Token[]): { readonly kind: string; readonly name?: string } | undefined {
  if (tokens[0]?.word !== 'CREATE') return undefined;
  let at = 1;
  let kind = '';
  for (; at < Math.min(tokens.length, 12); at += 1) {
    const { word } = tokens[at] as Token;
    if (MODIFIERS.has(word)) continue;
    if (OBJECTS.has(word)) kind = word;
    else if (SECOND_WORDS.has(tokens[at + 1]?.word ?? '')) kind = `${word} ${tokens[++at]?.word}`;
    else break;
  }
  const name = tokens[at]?.name;
  if (kind === '') return undefined;
  return { kind: kind.toLowerCase(), ...(name === undefined ? {} : { name }) };
}

function collectUses(tokens: readonly Token[], uses: string[], bodies: string[]): void {
  let inFrom = false;
  let expected = false;
  const [first] = tokens;
  const acts =
    first !== undefined && /^(ALTER|DROP|TRUNCATE|DESCRIBE|DESC|COMMENT|GRANT|REVOKE|UNDROP)$/.test(first.word);
  for (const [at, token] of tokens.entries()) {
    if (token.string?.startsWith('$$')) bodies.push(token.string.slice(2, -2));
    if (token.inner !== undefined) {
      collectUses(token.inner, uses, bodies);
      expected = false;
      continue;
    }
    const { word, name } = token;
    if (BEFORE_NAMES.has(word) || (acts && OBJECTS.has(word)) || (word === 'USING' && first?.word === 'MERGE')) {
      expected = true;
      inFrom = word === 'FROM' || word === 'JOIN' || (inFrom && word !== 'INTO');
    } else if (word === ',') expected = inFrom;
    else if (name === undefined || NEVER_NAMES.has(word)) {
      if (/^(WHERE|GROUP|ORDER|HAVING|QUALIFY|SET|SELECT|ON)$/.test(word)) inFrom = false;
      if (!/^(LATERAL|TABLE|ONLY)$/.test(word)) expected = false;
    } else if (expected && !/^(IF|NOT|EXISTS)$/.test(word)) {
      // A function is called there, not a table read; what is called by CALL is meant.
      const isCall =
        tokens[at + 1]?.inner !== undefined && tokens[at - 1]?.word !== 'CALL' && tokens[at - 1]?.word !== 'INTO';
      if (!isCall) uses.push(name);
      expected = false;
    }
  }
}
