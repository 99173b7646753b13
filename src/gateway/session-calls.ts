import type { LockMode } from '../locks/read-write-lock.js';
import type { JobRecord } from '../store/job.js';
import type { Admission } from '../store/job-store.js';
import { sessionOwner } from '../store/session-owner.js';
import type { SessionRecord } from '../store/session-store.js';
import type { Store } from '../store/store.js';
import { checkAllowed } from '../warehouse/guard/guard.js';
import type { GuardedStatement, StatementClass } from '../warehouse/statement-kind.js';
import { type AdmissionFrame, queryAdmission } from './admissions.js';
import { defined } from './bounds.js';
import { checkScope, permissionsOf } from './checked-gateway.js';
import { type Flags, flagsOf } from './flags.js';
import type { Pins } from './pins.js';
import type { Caller, QueryRequest, WaitOptions } from './requests.js';
import type { SessionLine } from './session-line.js';
import { checkedChange, contextOf, type SessionChange, sessionName } from './sessions.js';

export interface SessionCallsOptions {
  /** Classes of statements that may run. */
  readonly allow: readonly StatementClass[];
  readonly frame: AdmissionFrame;
  readonly line: SessionLine;
  readonly pins: Pins;
}

/** What calls do with the sessions that they name: read one, change it, run a statement in it. */
export class SessionCalls {
  readonly #store: Store;
  readonly #allow: readonly StatementClass[];
  readonly #frame: AdmissionFrame;
  readonly #line: SessionLine;
  readonly #pins: Pins;

  constructor(store: Store, { allow, frame, line, pins }: SessionCallsOptions) {
    this.#store = store;
    this.#allow = allow;
    this.#frame = frame;
    this.#line = line;
    this.#pins = pins;
  }

  async get(caller: Caller, name?: string) {
    const owner = sessionOwner(caller.client, await flagsOf(this.#store, caller.client));
    const session = await this.#store.getSession(owner, sessionName(name));
    return { session: session.name, context: session.context, ...(await this.#pins.told(session)) };
  }

  async set(caller: Caller, name: string | undefined, change: SessionChange & { readonly pinned?: boolean }) {
    const session = sessionName(name);
    const checked = checkedChange(change);
    const { use, release } = await this.#line.enter(caller.client, session, () => this.#useOf(caller, () => 'write'), {
      timeoutMs: this.#frame.limits.waitMs,
    });
    const { owner, permissions, flags } = use;
    let stored: SessionRecord;
    try {
      permissions.checkSession(checked, (await this.#store.getSession(owner, session)).context);
      stored = await this.#store.setSession(owner, session, checked);
      if (change.pinned === true) {
        const confined = { ...stored, context: permissions.confined(stored.context) };
        stored = await this.#pins.pin(caller, owner, confined, flags);
      } else if (change.pinned === false) stored = await this.#pins.unpin(owner, stored);
    } finally {
      release();
    }
    return { session: stored.name, context: stored.context, ...(await this.#pins.told(stored)) };
  }

  /**
   * Snapshots the session and hands the finished admission to `work`. A statement that changes the session has the session
   * to itself until `work` is done, so that what comes after it sees the change.
   */
  async run(
    tool: 'query' | 'start_query',
    caller: Caller,
    request: QueryRequest,
    guarded: GuardedStatement,
    until: number,
    wait: WaitOptions,
    work: (admission: Admission) => Promise<JobRecord>,
  ): Promise<JobRecord> {
    const session = sessionName(request.session);
    checkScope(caller, guarded.write ? 'write' : 'query');
    const { use, release } = await this.#line.enter(
      caller.client,
      session,
      () => this.#useOf(caller, (flags) => (guarded.changesSession || !flags['read-write-locks'] ? 'write' : 'read')),
      { timeoutMs: Math.max(1, until - performance.now()), ...defined({ signal: wait.signal }) },
    );
    const { owner, permissions, flags } = use;
    try {
      const stored = await this.#store.getSession(owner, session);
      checkAllowed(guarded, this.#allow, { pinned: stored.pin !== undefined });
      const context = permissions.confined(contextOf(stored.context, request));
      permissions.checkStatement(request.sql, guarded, context);
      const place = { session, context, flags };
      const unpinned = queryAdmission(this.#frame, caller, tool, request, guarded, place);
      const admission = await this.#pins.admissionFor(unpinned, stored);
      // The snapshot is taken: what changes the session from now on may go ahead.
      if (!guarded.changesSession) release();
      return await work(admission);
    } finally {
      release();
    }
  }

  /** Whose session a call uses, what it may do there, and which lock that takes. */
  async #useOf(caller: Caller, modeOf: (flags: Flags) => LockMode) {
    const [permissions, flags] = await Promise.all([
      permissionsOf(this.#store, caller),
      flagsOf(this.#store, caller.client),
    ]);
    return { owner: sessionOwner(caller.client, flags), mode: modeOf(flags), permissions, flags };
  }
}
