import type { Select } from '../grammar/ast.js';
import { unsupported } from '../syntax-error.js';

/** CONNECT BY has no counterpart in DuckDB yet here: it is refused rather than answered wrongly. */
export function emitHierarchy(_select: Select): Select {
  throw unsupported('CONNECT BY');
}
