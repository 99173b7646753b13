import { INTEGER, REAL, type Typed, typed } from '../emit/typed.js';
import { type Call, type FunctionTable, rule } from './call.js';

/** The elements of a VECTOR as a list of doubles. */
function vector(call: Call, i: number): { sql: string; size: number; whole: boolean } {
  const { sql, type } = call.arg(i);
  if (type.name !== 'ARRAY' || type.element === undefined || type.size === undefined)
    throw call.error(
      '001044',
      '42P13',
      `Invalid argument types for function '${call.name}': argument ${i + 1} is no VECTOR`,
    );
  return { sql: `CAST(${sql} AS DOUBLE[])`, size: type.size, whole: type.element.name === 'FIXED' };
}

/** A measure of two vectors of one size. */
const measure = (emit: (a: string, b: string) => string, whole = false) =>
  rule(2, 2, (call): Typed => {
    const [a, b] = [vector(call, 0), vector(call, 1)];
    if (a.size !== b.size)
      throw call.error(
        '001044',
        '42P13',
        `Invalid argument types for function '${call.name}': VECTORs of ${a.size} and ${b.size} elements`,
      );
    const sql = emit(a.sql, b.sql);
    return whole && a.whole && b.whole ? typed(`CAST(${sql} AS BIGINT)`, INTEGER) : typed(sql, REAL, true);
  });

export const VECTORS: FunctionTable = {
  VECTOR_L2_DISTANCE: measure((a, b) => `list_distance(${a}, ${b})`),
  VECTOR_L1_DISTANCE: measure((a, b) => `list_sum(list_transform(list_zip(${a}, ${b}), lambda p: abs(p[1] - p[2])))`),
  VECTOR_INNER_PRODUCT: measure((a, b) => `list_inner_product(${a}, ${b})`),
  VECTOR_COSINE_SIMILARITY: measure((a, b) => `list_cosine_similarity(${a}, ${b})`),
};
