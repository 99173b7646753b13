import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { column } from '../../engine/result-table.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import type { ParsedStatement } from '../translation.js';

const MS: Readonly<Record<string, number>> = {
  DAYS: 86_400_000,
  HOURS: 3_600_000,
  MINUTES: 60_000,
  SECONDS: 1_000,
  MILLISECONDS: 1,
};
const SELECT_WAIT = /^select\s+system\$wait\s*\(/i;

/** CALL SYSTEM$WAIT(amount [, unit]): waits, without a busy core, and can be cancelled. Other procedures are not there yet. */
export const callSystemWait: Command = async (cursor, context) => {
  cursor.expect('CALL');
  if (!cursor.isKeyword('SYSTEM$WAIT')) throw unsupported('CALL');
  return { ...(await wait(cursor, context.signal)), statementTypeId: STATEMENT_TYPE.call };
};

/** The same as a query, when it is all that the query asks. */
export function selectSystemWait(statement: ParsedStatement): Command | undefined {
  if (!SELECT_WAIT.test(statement.text)) return undefined;
  return async (cursor, context) => {
    cursor.expect('SELECT');
    return { ...(await wait(cursor, context.signal)), statementTypeId: STATEMENT_TYPE.select };
  };
}

async function wait(
  cursor: TokenCursor,
  signal: AbortSignal,
): Promise<{ table: { columns: ReturnType<typeof column>[]; rows: string[][] } }> {
  const start = cursor.peek().start;
  cursor.expect('SYSTEM$WAIT');
  cursor.expectSymbol('(');
  const amount = cursor.number();
  const unit = cursor.acceptSymbol(',') ? cursor.stringLiteral().toUpperCase() : 'SECONDS';
  const factor = MS[unit.endsWith('S') ? unit : `${unit}S`];
  if (factor === undefined) throw cursor.error();
  cursor.expectSymbol(')');
  const end = cursor.tokens[cursor.index - 1]?.end ?? start;
  const alias = cursor.accept('AS') || !cursor.atEnd ? cursor.identifier() : undefined;
  cursor.expectEnd();
  await pause(amount * factor, signal);
  const name = alias ?? cursor.text.slice(start, end).toUpperCase();
  return { table: { columns: [column(name)], rows: [[`waited ${amount} ${unit.toLowerCase()}`]] } };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
