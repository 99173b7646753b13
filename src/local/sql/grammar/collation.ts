import { unsupported } from '../syntax-error.js';

/** Collations under which texts compare by their code points, as they do without one. */
const BY_CODE_POINT = new Set(['', 'utf8', 'bin']);

/** Refuses a collation under which texts would compare otherwise (000002): nothing here would heed it. */
export function assertPlainCollation(specification: string): void {
  if (!BY_CODE_POINT.has(specification.trim().toLowerCase())) {
    throw unsupported(`COLLATE '${specification}'`);
  }
}
