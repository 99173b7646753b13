const PIECE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)|[()]/g;
const VALUES = ' VALUES (';

/**
 * An `INSERT … VALUES (…)` of one row with array binds as one `INSERT … SELECT` over the unnested arrays, which DuckDB runs
 * hundreds of times faster than a statement a row. Undefined when the statement has another shape.
 *
 * @param sql DuckDB SQL as translated, binds as `$1`, `$2`, …
 * @param arrays whether the bind of that position is an array; the others are the same in every row
 */
export function arrayInsert(sql: string, arrays: readonly boolean[]): string | undefined {
  const start = outsideQuotes(sql, VALUES);
  if (start === undefined) return undefined;
  const open = start + VALUES.length - 1;
  const close = closing(sql, open);
  if (close === undefined || sql.slice(close + 1).trim() !== '') return undefined;
  const row = sql
    .slice(open + 1, close)
    .replace(PIECE, (piece, bind?: string) => (bind === undefined ? piece : `"bound"."b${bind}"`));
  const columns = arrays.map((array, i) => `${array ? `unnest($${i + 1})` : `$${i + 1}`} AS "b${i + 1}"`);
  return `${sql.slice(0, start)} SELECT ${row} FROM (SELECT ${columns.join(', ')}) AS "bound"`;
}

function outsideQuotes(sql: string, wanted: string): number | undefined {
  const bare = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, (quoted) => '"'.repeat(quoted.length));
  const at = bare.indexOf(wanted);
  return at >= 0 && at === bare.lastIndexOf(wanted) ? at : undefined;
}

function closing(sql: string, open: number): number | undefined {
  let depth = 0;
  PIECE.lastIndex = open;
  for (let match = PIECE.exec(sql); match !== null; match = PIECE.exec(sql)) {
    if (match[0] === '(') depth += 1;
    else if (match[0] === ')') depth -= 1;
    if (depth === 0) return match.index;
  }
  return undefined;
}
