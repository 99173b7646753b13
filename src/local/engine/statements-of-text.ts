import { parseStatements } from '../sql/parse-statements.js';
import type { ParsedStatement } from '../sql/translation.js';
import { fromDuckDb } from './duckdb-errors.js';
import { LocalError } from './local-error.js';

/** The statements of a text, as many as were announced (0: any number). Throws `LocalError` 000900, 000008, or a syntax error. */
export function statementsOf(text: string, announced: number): readonly ParsedStatement[] {
  const statements = parsed(text);
  if (statements.length === 0) throw new LocalError('000900', '42601', 'SQL compilation error:\nEmpty SQL statement.');
  if (announced === 0 || statements.length === announced) return statements;
  throw new LocalError(
    '000008',
    '0A000',
    `Actual statement count ${statements.length} did not match the desired statement count ${announced}.`,
  );
}

/** A child's id differs from its parent's in the last group, so that both stay UUIDs. */
export function childQueryId(parent: string, index: number): string {
  const tail = Number.parseInt(parent.slice(-8), 16);
  return `${parent.slice(0, -8)}${((tail + index + 1) >>> 0).toString(16).padStart(8, '0')}`;
}

function parsed(text: string): ParsedStatement[] {
  try {
    return parseStatements(text);
  } catch (error) {
    throw fromDuckDb(error);
  }
}
