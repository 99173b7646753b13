import { TODAY } from '../sql/functions/dates.js';
import type { ParsedStatement, Translation } from '../sql/translation.js';
import type { StatementInput } from './engine.js';
import type { Question } from './result-reuse.js';
import type { SessionState } from './session-state.js';
import type { SessionTransaction } from './transaction.js';

/** DuckDB's functions and clauses that give something else each time. What only looks like one is not used again either. */
const DIFFERENT_EACH_TIME =
  /\b(random|uuid|uuidv4|uuidv7|gen_random_uuid|nextval|setseed|encrypt_by_passphrase|encrypt_by_key|now)\s*\(|\bTABLESAMPLE\b/i;

/**
 * What a query's result depends on, where an identical query may be answered with it: not in a transaction that has written,
 * not without USE_CACHED_RESULT, not with functions that give something else each time.
 */
export function questionOf(
  statement: ParsedStatement,
  translation: Translation,
  input: StatementInput,
  { state, transaction }: { readonly state: SessionState; readonly transaction: SessionTransaction },
): Question | undefined {
  const allowed = input.parameters?.USE_CACHED_RESULT ?? state.parameters.get('USE_CACHED_RESULT');
  if (String(allowed).toLowerCase() === 'false' || transaction.begun) return undefined;
  const lasting = translation.sql.replaceAll(TODAY, '');
  if (DIFFERENT_EACH_TIME.test(lasting)) return undefined;
  const day = lasting === translation.sql ? undefined : today(state.parameters.text('TIMEZONE'));
  const binds = translation.binds.map((name) => input.binds?.[name]);
  const { role } = state.context;
  return {
    key: JSON.stringify([statement.text, translation.sql, binds, role, state.parameters.shaping, day]),
    tables: translation.reads,
  };
}

function today(timeZone: string): string {
  return new Date().toLocaleDateString('en', { timeZone });
}
