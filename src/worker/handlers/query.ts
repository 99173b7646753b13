import { errorDataOf } from '../../errors/snow-error.js';
import type { LockTable } from '../../locks/lock-table.js';
import type { BackoffPolicy } from '../../resilience/backoff.js';
import { sessionOwner } from '../../store/session-owner.js';
import type { SessionStore } from '../../store/session-store.js';
import { queryPayloadOf } from '../../warehouse/job-payload.js';
import { VERBS_THAT_MAY_LEAVE_STATE } from '../../warehouse/statement-kind.js';
import type { FailureRate } from '../failure-rate.js';
import type { JobHandler } from '../handler.js';
import type { PinnedSessions } from '../pinned-sessions.js';
import { sessionChange } from '../session-change.js';
import type { Warehouses } from '../warehouses.js';
import { type Lender, runStatement } from './statement.js';

export interface QueryHandlerOptions {
  readonly store: SessionStore;
  readonly warehouses: Warehouses;
  /** The pinned sessions that this worker holds. */
  readonly pinned: PinnedSessions;
  /** Serialises what this process writes back into one session. */
  readonly sessionLocks: LockTable;
  /** Pauses after a lost connection, instead of those that the job's flags say. */
  readonly backoff?: BackoffPolicy;
  /** Stretches and shortens the pauses. */
  readonly failureRate?: FailureRate;
}

/** Runs one SQL statement, and writes the context it left behind back into the client's session. */
export function queryHandler(options: QueryHandlerOptions): JobHandler {
  return {
    async handle(claimed, context) {
      const { job } = claimed;
      let payload: ReturnType<typeof queryPayloadOf>;
      try {
        payload = queryPayloadOf(job.payload);
      } catch (failure) {
        return { state: 'failed', error: errorDataOf(failure), usage: { executionMs: 0, rows: 0, bytes: 0 } };
      }
      const { session } = job;
      const owner = sessionOwner(job.client, job.flags);
      const keepsContext = payload.updatesSession && session !== undefined;
      const { pin } = payload;
      const pinned: Lender = {
        borrow: async (profile, { signal }) => {
          if (pin?.opens === true) await options.pinned.open(pin.id, job.worker ?? '', profile);
          return await options.pinned.borrow(pin?.id ?? '', signal);
        },
      };
      const settlement = await runStatement(pin === undefined ? options.warehouses : pinned, claimed, context, {
        sql: payload.sql,
        verb: payload.verb,
        ...(payload.binds === undefined ? {} : { binds: payload.binds }),
        ...(payload.sessionParameters === undefined ? {} : { sessionParameters: payload.sessionParameters }),
        maxRows: payload.maxRows,
        maxBytes: payload.maxBytes,
        timeoutMs: payload.timeoutMs,
        ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
        ...(options.failureRate === undefined ? {} : { failureRate: options.failureRate }),
        dirties: payload.sessionParameters !== undefined || VERBS_THAT_MAY_LEAVE_STATE.has(payload.verb),
        ...(keepsContext
          ? {
              afterwards: async (result) =>
                await options.sessionLocks.run(`${owner}\u0000${session}`, 'write', async () => {
                  const stored = (await options.store.getSession(owner, session)).context;
                  const change = sessionChange(job.context, result.context, stored, payload.sessionParameters);
                  if (change !== undefined) await options.store.setSession(owner, session, change);
                }),
            }
          : {}),
      });
      if (pin?.opens === true && settlement.state !== 'succeeded') options.pinned.drop(pin.id);
      return settlement;
    },
  };
}
