import { bindMarks } from '../bind-marks.js';
import { type Token, tokenize } from '../lexer.js';
import { literalOf, quoted } from './literal.js';
import type { Variables } from './variables.js';

/** A statement of SQL with the values of its `:name`s in their places; `TABLE(:r)` of a result reads that result. */
export function withBinds(text: string, variables: Variables): string {
  return replaced(text, (tokens, i) => bindAt(tokens, i, variables) ?? resultAt(tokens, i, variables));
}

/** An expression of a script: names of variables stand for their values, but for those inside a query, which need a colon. */
export function withValues(text: string, variables: Variables): string {
  const queries: boolean[] = [];
  return replaced(text, (tokens, i) => {
    const token = tokens[i] as Token;
    if (token.kind === 'symbol' && token.value === '(') {
      const next = tokens[i + 1];
      const opens = next?.kind === 'word' && (next.value === 'SELECT' || next.value === 'WITH');
      queries.push(opens || queries.at(-1) === true);
      return undefined;
    }
    if (token.kind === 'symbol' && token.value === ')') queries.pop();
    return bindAt(tokens, i, variables) ?? (queries.at(-1) === true ? undefined : nameAt(tokens, i, variables));
  });
}

/** `?` in their order replaced by expressions. */
export function withPositions(text: string, values: readonly string[]): string {
  let next = 0;
  let marks: ReadonlySet<Token> | undefined;
  return replaced(text, (tokens, i) => {
    marks ??= bindMarks(tokens);
    if (!marks.has(tokens[i] as Token) || next >= values.length) return undefined;
    const value = values[next] as string;
    next += 1;
    return { text: value, tokens: 1 };
  });
}

interface Replacement {
  readonly text: string;
  /** How many tokens it stands for. */
  readonly tokens: number;
}

function replaced(text: string, replace: (tokens: readonly Token[], i: number) => Replacement | undefined): string {
  const tokens = tokenize(text);
  let result = '';
  let copied = 0;
  for (let i = 0; i < tokens.length; i++) {
    const replacement = replace(tokens, i);
    if (replacement === undefined) continue;
    const last = tokens[i + replacement.tokens - 1] as Token;
    result += text.slice(copied, (tokens[i] as Token).start) + replacement.text;
    copied = last.end;
    i += replacement.tokens - 1;
  }
  return result + text.slice(copied);
}

/** `:name` or `:row.field`; a colon that stands at a name or bracket without a blank is a path. */
function bindAt(tokens: readonly Token[], i: number, variables: Variables): Replacement | undefined {
  const colon = tokens[i];
  if (colon?.kind !== 'symbol' || colon.value !== ':') return undefined;
  const before = tokens[i - 1];
  const path =
    before !== undefined &&
    before.end === colon.start &&
    (before.kind === 'word' || before.kind === 'quoted' || before.value === ')' || before.value === ']');
  const name = tokens[i + 1];
  if (path || !isName(name)) return undefined;
  return valueAt(tokens, i + 1, variables, 1);
}

function nameAt(tokens: readonly Token[], i: number, variables: Variables): Replacement | undefined {
  const before = tokens[i - 1];
  if (!isName(tokens[i]) || before?.value === '.' || before?.value === ':') return undefined;
  if (tokens[i + 1]?.value === '(' && tokens[i + 1]?.kind === 'symbol') return undefined;
  return valueAt(tokens, i, variables, 0);
}

function valueAt(tokens: readonly Token[], i: number, variables: Variables, before: number): Replacement | undefined {
  const name = (tokens[i] as Token).value;
  const field = tokens[i + 1]?.value === '.' && isName(tokens[i + 2]) ? tokens[i + 2]?.value : undefined;
  if (field !== undefined) {
    const value = variables.value(name, field);
    return value === undefined ? undefined : { text: literalOf(value), tokens: 3 + before };
  }
  const value = variables.value(name);
  return value === undefined ? undefined : { text: literalOf(value), tokens: 1 + before };
}

/** `TABLE(name)` or `TABLE(:name)` of a RESULTSET. */
function resultAt(tokens: readonly Token[], i: number, variables: Variables): Replacement | undefined {
  const token = tokens[i];
  if (token?.kind !== 'word' || token.value !== 'TABLE' || tokens[i + 1]?.value !== '(') return undefined;
  const colon = tokens[i + 2]?.value === ':' ? 1 : 0;
  const name = tokens[i + 2 + colon];
  if (!isName(name) || tokens[i + 3 + colon]?.value !== ')') return undefined;
  const variable = variables.find(name.value);
  if (variable?.kind !== 'resultset' || variable.result === undefined) return undefined;
  return { text: `TABLE(RESULT_SCAN(${quoted(variable.result.queryId)}))`, tokens: 4 + colon };
}

function isName(token: Token | undefined): token is Token {
  return token?.kind === 'word' || token?.kind === 'quoted';
}
