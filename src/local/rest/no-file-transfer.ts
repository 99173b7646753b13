import { LocalError } from '../engine/local-error.js';
import { parseStatements } from '../sql/parse-statements.js';
import type { ParsedStatement } from '../sql/translation.js';

/** What the statements of PUT and GET are called in QUERY_TYPE. */
const TRANSFERS: Readonly<Record<string, string>> = { PUT: 'PUT_FILES', GET: 'GET_FILES' };

/** PUT and GET are carried out by a driver, which HTTP alone is not: neither API takes them. Throws `LocalError` 391911. */
export function assertNoFileTransfer(text: string): void {
  for (const { keywords } of statementsIn(text)) {
    const type = TRANSFERS[keywords[0] ?? ''];
    if (type !== undefined) throw new LocalError('391911', '0A000', `Unsupported statement type '${type}'.`);
  }
}

/** None of a text that cannot be cut: whoever runs it tells why. */
function statementsIn(text: string): readonly ParsedStatement[] {
  if (!/\b(?:put|get)\b/i.test(text)) return [];
  try {
    return parseStatements(text);
  } catch {
    return [];
  }
}
