import type { CommandContext } from '../../engine/command.js';
import { duckString, type Token, tokenize } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import type { ParsedStatement } from '../translation.js';

const READING: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'INSERT', 'MERGE']);

/** A call inside TABLE(…), by the indexes of its tokens. */
interface TableCall {
  readonly name: readonly string[];
  /** The name's first token, and the parenthesis that closes the arguments. */
  readonly first: number;
  readonly last: number;
}

/** `FROM TABLE(procedure(…))`: the procedure is called before the statement, which then reads what that gave. */
export async function withProcedureRows(statement: ParsedStatement, context: CommandContext): Promise<ParsedStatement> {
  const { keywords, text } = statement;
  const makesTable = keywords[0] === 'CREATE' && keywords.includes('TABLE');
  if (!makesTable && !READING.has(keywords[0] ?? '')) return statement;
  const tokens = tokenize(text);
  let written = '';
  let copied = 0;
  for (let i = 0; i < tokens.length; i++) {
    const call = tableCallAt(tokens, i);
    if (call === undefined || !isProcedure(call, context)) continue;
    const { start } = tokens[call.first] as Token;
    const { end } = tokens[call.last] as Token;
    const called = text.slice(start, end);
    if (called.includes('?')) throw unsupported('a bind in a procedure that stands in FROM');
    const { queryId } = await context.runNested(`CALL ${called}`);
    written += `${text.slice(copied, start)}RESULT_SCAN(${duckString(queryId)})`;
    copied = end;
    i = call.last;
  }
  return copied === 0 ? statement : { ...statement, text: written + text.slice(copied) };
}

function isProcedure({ name }: TableCall, { names }: CommandContext): boolean {
  return (
    names.routines('function', name).entries.length === 0 &&
    names.routines('procedure', name).entries.some(({ table }) => table !== undefined)
  );
}

/** `TABLE ( name ( … ) )` from token `at` on. */
function tableCallAt(tokens: readonly Token[], at: number): TableCall | undefined {
  if (tokens[at]?.kind !== 'word' || tokens[at]?.value !== 'TABLE' || tokens[at + 1]?.value !== '(') return undefined;
  const first = at + 2;
  const name: string[] = [];
  let next = first;
  for (;;) {
    const part = tokens[next];
    if (part?.kind !== 'word' && part?.kind !== 'quoted') return undefined;
    name.push(part.value);
    if (tokens[next + 1]?.value !== '.') break;
    next += 2;
  }
  if (tokens[next + 1]?.value !== '(') return undefined;
  let depth = 0;
  for (let last = next + 1; last < tokens.length; last++) {
    const { kind, value } = tokens[last] as Token;
    if (kind !== 'symbol') continue;
    if (value === '(') depth += 1;
    if (value === ')') depth -= 1;
    if (depth === 0) return tokens[last + 1]?.value === ')' ? { name, first, last } : undefined;
  }
  return undefined;
}
