import type { RowBlock, WireColumn } from './engine.js';
import type { Keeping } from './result-reuse.js';
import type { SessionState } from './session-state.js';

/** A result of more rows is not kept for RESULT_SCAN. */
const MOST_ROWS = 10_000;
/** Nor is one of more characters. */
const MOST_CHARACTERS = 8 * 1024 * 1024;

/**
 * Hands the blocks on and keeps a copy for RESULT_SCAN when the result has ended and is small enough, and one in `keeping`
 * for identical queries.
 */
export async function* keepingResult(
  state: SessionState,
  queryId: string,
  result: { readonly columns: readonly WireColumn[]; readonly blocks: AsyncIterable<RowBlock> },
  keeping?: Keeping,
): AsyncGenerator<RowBlock> {
  let kept: RowBlock[] | undefined = [];
  let rows = 0;
  let characters = 0;
  for await (const block of result.blocks) {
    rows += block.rows;
    characters += block.json.length;
    if (rows > MOST_ROWS || characters > MOST_CHARACTERS) kept = undefined;
    kept?.push(block);
    keeping?.add(block);
    yield block;
  }
  keeping?.done(result.columns);
  if (kept === undefined) return;
  const blocks = kept;
  const table = {
    columns: result.columns,
    // Parsed when it is asked for: most results never are.
    get rows() {
      return blocks.flatMap((block) => JSON.parse(`[${block.json}]`) as (string | null)[][]);
    },
  };
  state.keepResult(queryId, table, 2 * characters);
}
