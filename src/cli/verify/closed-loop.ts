import type { Gateway } from '../../gateway/requests.js';
import { waitStatement } from './question.js';

export interface LoopFigures {
  readonly statements: number;
  readonly perSecond: number;
  /** Of each call, what it took beyond the statement itself, in ms. */
  readonly overheadMs: readonly number[];
}

/** `clients` ask one statement of `statementMs` after the other, without a pause, for `forMs`. Throws what a call fails with. */
export async function closedLoop(
  gateway: Gateway,
  load: { readonly clients: number; readonly statementMs: number; readonly forMs: number },
): Promise<LoopFigures> {
  const overheadMs: number[] = [];
  const began = performance.now();
  const sql = waitStatement(load.statementMs);
  const one = async (client: string): Promise<void> => {
    while (performance.now() - began < load.forMs) {
      const asked = performance.now();
      const answer = await gateway.query({ client }, { sql });
      if (answer.state !== 'succeeded')
        throw new Error(`a statement ended as ${answer.state}: ${answer.error?.message}`);
      overheadMs.push(performance.now() - asked - load.statementMs);
    }
  };
  await Promise.all(Array.from({ length: load.clients }, (_, at) => one(`client-${at + 1}`)));
  const seconds = (performance.now() - began) / 1_000;
  return { statements: overheadMs.length, perSecond: overheadMs.length / seconds, overheadMs };
}
