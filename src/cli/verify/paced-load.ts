import { setTimeout as delay } from 'node:timers/promises';
import type { OperationRequest } from '../../gateway/operation-request.js';
import type { Gateway } from '../../gateway/requests.js';

export interface PacedLoad {
  readonly clients: number;
  /** Each client does one operation on memories so often, and one statement. */
  readonly memoryEveryMs: number;
  readonly statementEveryMs: number;
  readonly forMs: number;
}

/** What each call took, in ms. */
export interface PacedFigures {
  readonly memoryMs: readonly number[];
  readonly statementMs: readonly number[];
}

const SUBJECTS = ['orders', 'revenue', 'customers', 'refunds', 'shipments', 'taxes', 'discounts', 'returns'];

/** Of operations on memories, one in so many stores something. */
const STORES = 4;

/** As a team of agents does: operations and statements at a pace, however long the ones before take. Throws what a call fails with. */
export async function pacedLoad(gateway: Gateway, load: PacedLoad): Promise<PacedFigures> {
  const memoryMs: number[] = [];
  const statementMs: number[] = [];
  const began = performance.now();
  const every = async (everyMs: number, first: number, into: number[], call: (turn: number) => Promise<unknown>) => {
    const calls: Promise<void>[] = [];
    for (let turn = 0; turn * everyMs + first < load.forMs; turn += 1) {
      await delay(Math.max(0, began + turn * everyMs + first - performance.now()));
      const asked = performance.now();
      calls.push(call(turn).then(() => void into.push(performance.now() - asked)));
    }
    await Promise.all(calls);
  };
  await Promise.all(
    Array.from({ length: load.clients }, async (_, at) => {
      const client = `client-${at + 1}`;
      const share = at / load.clients;
      await Promise.all([
        every(load.memoryEveryMs, share * load.memoryEveryMs, memoryMs, (turn) =>
          gateway.operate({ client }, turn % STORES === 0 ? storing(client, turn) : searching(at + turn)),
        ),
        every(load.statementEveryMs, share * load.statementEveryMs, statementMs, async (turn) => {
          const answer = await gateway.query({ client }, { sql: `select ${turn} as turn` });
          if (answer.state !== 'succeeded') throw new Error(`a statement ended as ${answer.state}`);
        }),
      ]);
    }),
  );
  return { memoryMs, statementMs };
}

export function storing(client: string, turn: number): OperationRequest {
  const subject = SUBJECTS[turn % SUBJECTS.length] ?? '';
  const text = `What ${client} found out about ${subject} at ${Date.now()}.${turn}: amounts are in cents, dates in UTC.`;
  return { name: 'memory_store', kind: 'memory', arguments: { text, tags: [subject] }, write: true };
}

export function searching(turn: number): OperationRequest {
  const query = `${SUBJECTS[turn % SUBJECTS.length] ?? ''} cents`;
  return { name: 'memory_search', kind: 'memory', arguments: { query }, write: false };
}
