import { INTEGER, type Typed, typed } from '../emit/typed.js';
import { type Call, type FunctionTable, rule } from './call.js';

/** SEQ1 … SEQ8: GENERATOR's row number where there is one, else a number per row of the query. */
function sequence(call: Call): Typed {
  const row = call.cx.frame?.sources.find((source) => source.row !== undefined)?.row;
  return typed(row ?? '(row_number() OVER () - 1)', INTEGER);
}

export const SEQUENCES: FunctionTable = {
  SEQ1: rule(0, 1, sequence),
  SEQ2: rule(0, 1, sequence),
  SEQ4: rule(0, 1, sequence),
  SEQ8: rule(0, 1, sequence),
};
