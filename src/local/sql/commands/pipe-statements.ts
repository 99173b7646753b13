import type { Command } from '../../engine/command.js';
import { type Token, tokenize } from '../lexer.js';
import { quoted } from '../scripting/literal.js';

const PIPE = '->>';

/** Whether several statements are chained, each reading the results of those before. */
export function isPipe(text: string): boolean {
  return text.includes(PIPE) && pipes(tokenize(text)).length > 0;
}

function pipes(tokens: readonly Token[]): Token[] {
  return tokens.filter(({ kind, value }) => kind === 'symbol' && value === PIPE);
}

/** `statement ->> statement …`: in FROM, `$1` is the result of the statement before, `$2` of the one before that. */
export const pipeStatements: Command = async (_cursor, context) => {
  const { text } = context.statement;
  const marks = pipes(tokenize(text));
  const bounds = [0, ...marks.map(({ end }) => end)];
  const queryIds: string[] = [];
  let last: Awaited<ReturnType<typeof context.runNested>> | undefined;
  for (const [i, start] of bounds.entries()) {
    const statement = withResults(text.slice(start, marks[i]?.start ?? text.length), queryIds);
    last = await context.runNested(statement, i === 0 ? context.input.binds : undefined);
    queryIds.unshift(last.queryId);
  }
  if (last === undefined) throw new RangeError('a pipe has at least two statements');
  return { statementTypeId: last.statementTypeId, table: last.table };
};

/** `queryIds`: the statement before first. */
function withResults(text: string, queryIds: readonly string[]): string {
  const tokens = tokenize(text);
  let result = '';
  let copied = 0;
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1]?.value;
    const id = token.kind === 'variable' && /^\d+$/.test(token.value) ? queryIds[Number(token.value) - 1] : undefined;
    if (id === undefined || (before !== 'FROM' && before !== 'JOIN' && before !== ',')) continue;
    result += `${text.slice(copied, token.start)}TABLE(RESULT_SCAN(${quoted(id)}))`;
    copied = token.end;
  }
  return result + text.slice(copied);
}
