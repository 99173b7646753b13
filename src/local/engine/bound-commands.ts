import { bindMarks } from '../sql/bind-marks.js';
import { type Token, tokenize } from '../sql/lexer.js';
import { quoted } from '../sql/scripting/literal.js';
import { unsupported } from '../sql/syntax-error.js';
import type { BindValue } from './engine.js';
import type { NamedStatement } from './identifier-binds.js';
import { LocalError } from './local-error.js';

/**
 * CREATE TABLE … AS SELECT and SET with the values of their binds written out: the query in them is run as a part of other statements,
 * which know no binds. Other statements stay as they are. Throws 002049 for a bind that is missing or an array.
 */
export function withWrittenBinds(named: NamedStatement): NamedStatement {
  const { statement, input } = named;
  const { keywords, text } = statement;
  const holdsQuery = keywords[0] === 'SET' || (keywords[0] === 'CREATE' && keywords.includes('TABLE'));
  if (!holdsQuery || input.binds === undefined) return named;
  const tokens = tokenize(text);
  const marks = bindMarks(tokens);
  let seen = 0;
  let written = '';
  let copied = 0;
  for (const [i, token] of tokens.entries()) {
    const numbered = isNumbered(tokens, i);
    if (!numbered && !marks.has(token)) continue;
    if (!numbered) seen += 1;
    const name = numbered ? (tokens[i + 1] as Token).value : String(seen);
    written += text.slice(copied, token.start) + literal(name, input.binds[name]);
    copied = numbered ? (tokens[i + 1] as Token).end : token.end;
  }
  const { binds: _written, ...rest } = input;
  return { statement: { ...statement, text: written + text.slice(copied) }, input: rest };
}

/** `:1`; a colon that stands at a name or bracket without a blank is a path. */
function isNumbered(tokens: readonly Token[], i: number): boolean {
  const [before, colon, number] = [tokens[i - 1], tokens[i], tokens[i + 1]];
  if (colon?.kind !== 'symbol' || colon.value !== ':' || number?.kind !== 'number') return false;
  return before?.end !== colon.start || before.kind === 'symbol';
}

function literal(name: string, bind: BindValue | undefined): string {
  if (bind === undefined) throw new LocalError('002049', '22023', `Bind variable :${name} not set.`);
  const { type, value } = bind;
  if (value === null) return 'NULL';
  if (typeof value !== 'string')
    throw new LocalError('002049', '22023', 'An array bind is not allowed in this statement.');
  switch (type) {
    case 'TEXT':
      return `CAST(${quoted(value)} AS VARCHAR)`;
    case 'FIXED':
    case 'REAL':
      return type === 'FIXED' && /^-?\d+(\.\d+)?$/.test(value) ? `(${value})` : `CAST(${quoted(value)} AS FLOAT)`;
    case 'BOOLEAN':
      return `CAST(${quoted(value)} AS BOOLEAN)`;
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
      return `CAST(PARSE_JSON(${quoted(value)}) AS ${type})`;
    default:
      throw unsupported(`a bind of type ${type} in this statement`);
  }
}
