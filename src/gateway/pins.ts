import { randomUUID } from 'node:crypto';
import { SnowError } from '../errors/snow-error.js';
import { FINAL_STATES, type Json } from '../store/job.js';
import type { Admission } from '../store/job-store.js';
import { pinLane } from '../store/lane.js';
import { pinResource, type SessionPin, type SessionRecord } from '../store/session-store.js';
import type { Store } from '../store/store.js';
import { guardStatement } from '../warehouse/guard/guard.js';
import { PinGone } from '../warehouse/pin-gone.js';
import { PINNED_PARAMETERS } from '../warehouse/statement-kind.js';
import { type AdmissionFrame, queryAdmission } from './admissions.js';
import type { AttachedWaits } from './attached-wait.js';
import type { Flags } from './flags.js';
import type { Caller } from './requests.js';
import { readResult } from './result-reader.js';

/** Pinned sessions of one client at once: each keeps a connection open. */
const MOST_PER_CLIENT = 3;

/** The first statement on a pinned session's connection; by this number it can be ended in the warehouse from elsewhere. */
const OPENING = 'SELECT CURRENT_SESSION()';

/** Sessions that keep one connection over several calls: made, told about, and given up. */
export class Pins {
  readonly #store: Store;
  readonly #waits: AttachedWaits;
  readonly #frame: AdmissionFrame;

  constructor(store: Store, waits: AttachedWaits, frame: AdmissionFrame) {
    this.#store = store;
    this.#waits = waits;
    this.#frame = frame;
  }

  /** Has a worker open a connection for the session and hold it; nothing happens when one does already. */
  async pin(caller: Caller, owner: string, session: SessionRecord, flags: Flags): Promise<SessionRecord> {
    if (owner !== caller.client) throw sharedSessions();
    if (session.pin !== undefined && (await this.#isHeld(session.pin))) return session;
    await this.#assertRoom(owner);
    const id = randomUUID();
    const place = { session: session.name, context: session.context, flags };
    const request = { sql: OPENING };
    const as = { ...caller, via: 'set_session' };
    const admission = queryAdmission(this.#frame, as, 'query', request, guardStatement(OPENING), place);
    const opening = onPin(admission, { id, opens: true });
    const until = performance.now() + this.#frame.limits.waitMs;
    const job = await this.#waits.admitAndWait(opening, until, {});
    if (!FINAL_STATES.has(job.state)) {
      await this.#store.cancel(job.id, 'No worker was free to pin the session.');
      this.#waits.assertOpen();
      throw nobodyFree();
    }
    const { worker } = job;
    if (job.state !== 'succeeded' || worker === undefined) throw new SnowError(job.error ?? nobodyFree().data);
    const { rows } = await readResult(this.#store, job, { maxRows: 1, maxBytes: Number.POSITIVE_INFINITY });
    const warehouseSession = String(rows[0]?.[0]);
    if (/^\d+$/.test(warehouseSession)) {
      await this.#store.rememberConnection({ pin: id, lane: job.lane, warehouseSession });
    }
    return await this.#store.pinSession(owner, session.name, { id, worker, lane: pinLane(job.lane, worker) });
  }

  /** Gives the connection up; its worker closes it as soon as it hears of it. */
  async unpin(owner: string, session: SessionRecord): Promise<SessionRecord> {
    if (session.pin === undefined) return session;
    await this.#store.releaseLease(pinResource(session.pin.id), session.pin.worker);
    return await this.#store.pinSession(owner, session.name, null);
  }

  /** What a client is told of a session: nothing when it is not pinned. */
  async told({ pin }: SessionRecord): Promise<{ readonly pinned?: 'held' | 'lost' }> {
    if (pin === undefined) return {};
    return { pinned: (await this.#isHeld(pin)) ? 'held' : 'lost' };
  }

  /** The admission as it has to be for the session: on the connection that is held for it. Throws when that is gone. */
  async admissionFor(admission: Admission, { pin }: SessionRecord): Promise<Admission> {
    if (pin === undefined) return admission;
    if (!(await this.#isHeld(pin))) throw new PinGone();
    return { ...onPin(admission, { id: pin.id, opens: false }), lane: pin.lane };
  }

  async #isHeld({ id, worker }: SessionPin): Promise<boolean> {
    return (await this.#store.leaseHolder(pinResource(id))) === worker;
  }

  async #assertRoom(owner: string): Promise<void> {
    const pins = (await this.#store.listSessions(owner)).flatMap(({ pin }) => pin ?? []);
    const held = (await Promise.all(pins.map((pin) => this.#isHeld(pin)))).filter((is) => is).length;
    if (held < MOST_PER_CLIENT) return;
    throw new SnowError({
      code: 'QUOTA_EXCEEDED',
      message: `You have ${held} pinned sessions, and ${MOST_PER_CLIENT} is the most.`,
      hint: 'Unpin one that is no longer needed: set_session { session, pinned: false }.',
    });
  }
}

/** What lives in the connection cannot be made again, so there is one attempt. */
function onPin(admission: Admission, pin: { readonly id: string; readonly opens: boolean }): Admission {
  const { sessionParameters, ...payload } = admission.payload as { readonly [key: string]: Json };
  return {
    ...admission,
    maxAttempts: 1,
    payload: { ...payload, ...keptParameters(sessionParameters), pin: { ...pin } },
  };
}

/** What only a pinned connection may carry must not be set on the next one. */
function keptParameters(parameters: Json | undefined): { readonly sessionParameters?: Json } {
  if (parameters === undefined || parameters === null) return {};
  const kept = Object.entries(parameters as object).filter(([name]) => !PINNED_PARAMETERS.has(name));
  return kept.length === 0 ? {} : { sessionParameters: Object.fromEntries(kept) as Json };
}

function nobodyFree(): SnowError {
  return new SnowError({
    code: 'QUEUE_TIMEOUT',
    message: 'No worker was free to pin the session.',
    hint: 'Try again later, or start more workers.',
  });
}

function sharedSessions(): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'Sessions are shared by all clients here, and a pinned one has to be one client’s.',
    hint: 'Whoever runs the server can give each client its own: flag set client-sessions on',
  });
}
