import { randomUUID } from 'node:crypto';
import type { WireState } from '../wire/exchange.js';
import type { Caller } from './caller.js';
import { openForCaller } from './open-for-caller.js';

/** The rows of a SHOW for the caller, each by the columns' names. */
export async function shownRows(
  state: WireState,
  caller: Caller,
  text: string,
): Promise<Readonly<Record<string, string | null>>[]> {
  const { engine } = await openForCaller(state, caller, {});
  try {
    const { columns, blocks } = await engine.execute({ text, queryId: randomUUID() });
    const rows: (string | null)[][] = [];
    for await (const { json } of blocks) rows.push(...(JSON.parse(`[${json}]`) as (string | null)[][]));
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])));
  } finally {
    await state.sessions.close(engine.id);
  }
}
