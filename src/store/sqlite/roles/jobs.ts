import type { HoldingsStore } from '../../holdings-store.js';
import type { Admission, AdmitOutcome, JobStore } from '../../job-store.js';
import { checkAdmission } from '../admit.js';
import type { BreakerOperations } from '../breakers.js';
import { prepareCancel } from '../cancel.js';
import { prepareClaim, prepareClaimable } from '../claim.js';
import type { Engine } from '../engine.js';
import { prepareHindrance } from '../hindrance.js';
import { prepareDispatch, prepareHeartbeat, prepareRelease } from '../hold-operations.js';
import { prepareHoldings } from '../holdings.js';
import type { LaneGate } from '../lane-gate.js';
import type { Limiter } from '../limiter.js';
import { prepareFind, prepareList } from '../listing.js';
import { preparePosition } from '../position.js';
import { packRows, prepareReadPage, prepareWritePage, unpackRows } from '../result-pages.js';
import { prepareRetry } from '../retry.js';
import { prepareSettle } from '../settle.js';
import { prepareSettledSince } from '../settled-since.js';
import { prepareStats } from '../stats.js';
import { prepareDetach, prepareRenewWaiter } from '../waiter.js';
import type { Turns } from './turns.js';

/** What jobs share with the other roles. */
export interface JobParts {
  /** The decision, with its entry in the audit. */
  readonly admit: (admission: Admission) => AdmitOutcome;
  readonly limiter: Limiter;
  readonly gate: () => LaneGate;
  readonly breakers: BreakerOperations;
}

/** The way of a job through the queue. */
export function jobRole(
  engine: Engine,
  { commit, read }: Turns,
  { admit, limiter, gate, breakers }: JobParts,
): Omit<JobStore, 'sweep' | 'nextWakeAt'> & HoldingsStore {
  const claim = prepareClaim(engine, limiter, gate);
  const claimable = prepareClaimable(engine, gate);
  const dispatch = prepareDispatch(engine);
  const heartbeat = prepareHeartbeat(engine);
  const settle = prepareSettle(engine, breakers);
  const release = prepareRelease(engine);
  const cancel = prepareCancel(engine);
  const retry = prepareRetry(engine, admit);
  const renewWaiter = prepareRenewWaiter(engine);
  const detach = prepareDetach(engine);
  const writePage = prepareWritePage(engine);
  const readPage = prepareReadPage(engine);
  const find = prepareFind(engine);
  const list = prepareList(engine, read);
  const position = preparePosition(engine);
  const hindered = prepareHindrance(engine, gate);
  const settledSince = prepareSettledSince(engine);
  const stats = prepareStats(engine);
  const holdings = prepareHoldings(engine);

  return {
    admit: async (admission) => {
      checkAdmission(admission);
      return commit.run(() => admit(admission));
    },
    claim: async (request) => {
      if (request.slots < 1) return [];
      // What waits for its commit may be a job, or the end of one.
      if (!commit.pending && !(await read(() => claimable(request)))) return [];
      return commit.run(() => claim(request));
    },
    dispatch: (hold, requestId) => commit.run(() => dispatch(hold, requestId)),
    heartbeat: (worker, leaseMs, holds) => commit.run(() => heartbeat(worker, leaseMs, holds)),
    writePage: async (hold, page, rows) => {
      const packed = await packRows(rows);
      return commit.run(() => writePage(hold, page, packed));
    },
    settle: async (hold, settlement, lastPage) => {
      const packing = lastPage === undefined ? undefined : packRows(lastPage.rows);
      // Not a turn later than needed: what is asked for beside it shares the transaction.
      const packed = packing instanceof Promise ? await packing : packing;
      return commit.run(() => {
        if (lastPage !== undefined && packed !== undefined && writePage(hold, lastPage.page, packed) === 'lost')
          return { settled: false, reason: 'lost' };
        return settle(hold, settlement);
      });
    },
    release: (hold) => commit.run(() => release(hold)),
    cancel: (id, reason) => commit.run(() => cancel(id, reason)),
    retry: (id, newId) => commit.run(() => retry(id, newId)),
    renewWaiter: (id, waiter, leaseMs) => commit.run(() => renewWaiter(id, waiter, leaseMs)),
    detach: (id) => commit.run(() => detach(id)),
    find: (id) => read(() => find(id)),
    list,
    position: (id) =>
      read(() => {
        const found = position(id);
        return found && hindered(id, found);
      }),
    readPage: async (id, page) => {
      const data = await read(() => readPage(id, page));
      return data === undefined ? undefined : unpackRows(data);
    },
    settledSince: (sequence, limit) => read(() => settledSince(sequence, limit)),
    stats: () => read(stats),
    holdings: () => read(holdings),
  };
}
