import { DEFAULT_CAPS } from '../../fairness/caps.js';
import { quotaWindows } from '../../limits/quota-window.js';
import { BREAKER_POLICY } from '../../resilience/breaker.js';
import { DEGRADATION_POLICY } from '../../resilience/degradation.js';
import { systemLeaseClock } from '../clock.js';
import type { SweepReport } from '../job-store.js';
import { checkClass, checkQuota, checkRate, scopeParts } from '../limit-settings.js';
import type { Store, StoreOptions } from '../store.js';
import { prepareAdmissionGuard } from './admission-guard.js';
import { checkAdmission, prepareAdmit } from './admit.js';
import { AUDIT_RETENTION_MS, prepareAudit, prepareAuditList } from './audit.js';
import { Bell } from './bell.js';
import { prepareBreakers } from './breakers.js';
import { withBusyRetry } from './busy-retry.js';
import { prepareCancel } from './cancel.js';
import { Checkpointer } from './checkpointer.js';
import { prepareClaim, prepareClaimable } from './claim.js';
import { prepareClients } from './clients.js';
import { ClockWatch } from './clock-watch.js';
import { openDatabase } from './connection.js';
import type { Engine } from './engine.js';
import { closedFailure, storeFailure } from './failure.js';
import { FileGuard } from './file-guard.js';
import { prepareFlags } from './flags.js';
import { GroupCommit } from './group-commit.js';
import { prepareHindrance } from './hindrance.js';
import { prepareDispatch, prepareHeartbeat, prepareRelease } from './hold-operations.js';
import { prepareHoldings } from './holdings.js';
import { SESSION_IDLE_MS } from './idle-sessions.js';
import { prepareLaneGate } from './lane-gate.js';
import { prepareLeases } from './leases.js';
import { prepareLimiter } from './limiter.js';
import { prepareFind, prepareList } from './listing.js';
import { prepareListings } from './listings.js';
import { prepareLogins } from './logins.js';
import { prepareMemories } from './memories.js';
import { MemoryReaders } from './memory-readers.js';
import { applyMigrations, latestVersion } from './migrator.js';
import { prepareNextWake } from './next-wake.js';
import { preparePinnedConnections } from './pinned-connections.js';
import { preparePosition } from './position.js';
import { ReadTurns } from './read-turns.js';
import { prepareRepositories } from './repositories.js';
import { prepareRepositorySyncs } from './repository-syncs.js';
import { packRows, prepareReadPage, prepareWritePage, unpackRows } from './result-pages.js';
import { prepareRetry } from './retry.js';
import { prepareSessions } from './sessions.js';
import { prepareSetBack } from './set-back.js';
import { prepareSettle } from './settle.js';
import { prepareSettledSince } from './settled-since.js';
import { prepareStats } from './stats.js';
import { prepareSweep } from './sweep.js';
import { prepareTokens } from './tokens.js';
import { prepareUsage } from './usage.js';
import { prepareLimitSettings } from './usage-limits.js';
import { prepareDetach, prepareRenewWaiter } from './waiter.js';
import { prepareWorkers } from './workers.js';

const DEFAULT_RETENTION_MS = 7 * 24 * 3_600_000;

/**
 * Opens the store in an SQLite file, making and migrating it as needed. Any number of processes may do so at once.
 * Throws `STORE_UNAVAILABLE` with what to do when the file cannot be used.
 */
export async function openSqliteStore(options: StoreOptions): Promise<Store> {
  const { path } = options;
  const db = await openDatabase(path, options.synchronous ?? 'FULL');
  try {
    await applyMigrations(db, path);
    return storeOn(engineOf(db, options), path);
  } catch (failure) {
    db.close();
    throw storeFailure(failure, path);
  }
}

function engineOf(db: Engine['db'], options: StoreOptions): Engine {
  const system = systemLeaseClock();
  return {
    db,
    bounds: { ...DEFAULT_CAPS, ...options.bounds },
    now: options.now ?? Date.now,
    lease: { boot: options.bootId ?? system.boot, now: options.monotonicNow ?? system.now },
    retentionMs: options.retentionMs ?? DEFAULT_RETENTION_MS,
    windows: quotaWindows(options.timeZone ?? 'UTC'),
    auditRetentionMs: options.auditRetentionMs ?? AUDIT_RETENTION_MS,
    breaker: { ...BREAKER_POLICY, ...options.breaker },
    degradation: { ...DEGRADATION_POLICY, ...options.degradation },
    sessionIdleMs: options.sessionIdleMs ?? SESSION_IDLE_MS,
  };
}

function storeOn(engine: Engine, path: string): Store {
  const { db } = engine;
  const bell = new Bell(db, path);
  const checkpointer = new Checkpointer(db);
  const guard = new FileGuard(db, path, latestVersion());
  const commit = new GroupCommit(db, {
    path,
    guard,
    onCommit: () => {
      guard.noteCommit();
      bell.ring();
      return checkpointer.afterCommit();
    },
  });
  let closing: Promise<void> | undefined;
  const turns = new ReadTurns();
  const read = async <T>(work: () => T): Promise<T> => {
    await turns.begin();
    if (!db.open || closing !== undefined) throw closedFailure();
    if (guard.broken !== undefined) throw guard.broken;
    return withBusyRetry(path, work);
  };

  const limiter = prepareLimiter(engine);
  const audit = prepareAudit(engine);
  const breakers = prepareBreakers(engine, audit);
  const gate = prepareLaneGate(engine);
  const admitJob = prepareAdmit(engine, limiter, prepareAdmissionGuard(engine, breakers));
  const admit: typeof admitJob = (admission) => {
    const outcome = admitJob(admission);
    audit.admission(admission, outcome);
    return outcome;
  };
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
  const nextWakeAt = prepareNextWake(engine);
  const stats = prepareStats(engine);
  const holdings = prepareHoldings(engine);
  const { duties, deletions } = prepareSweep(engine, gate);
  const clock = new ClockWatch(engine.now, engine.lease.now);
  const setBack = prepareSetBack(engine);
  const sessions = prepareSessions(engine);
  const connections = preparePinnedConnections(engine);
  const workers = prepareWorkers(engine);
  const clients = prepareClients(engine);
  const tokens = prepareTokens(engine);
  const leases = prepareLeases(engine);
  const logins = prepareLogins(engine);
  const flags = prepareFlags(engine);
  const limitSettings = prepareLimitSettings(engine);
  const listings = prepareListings(engine);
  const usage = prepareUsage(engine, limiter);
  const repositories = prepareRepositories(engine);
  const syncs = prepareRepositorySyncs(engine);
  const readers = new MemoryReaders(path);
  const memories = prepareMemories(engine, limiter, { write: (work) => commit.run(work), read, readers });

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
    sweep: async () => {
      const report: { -readonly [K in keyof SweepReport]: number } = {
        requeued: 0,
        abandoned: 0,
        due: 0,
        expired: 0,
        orphaned: 0,
        resultsDeleted: 0,
        jobsDeleted: 0,
        workersForgotten: 0,
        auditDeleted: 0,
        sessionsEnded: 0,
        memoriesDeleted: 0,
      };
      if (clock.wasSetBack()) await commit.run(setBack);
      const planned = await read(nextWakeAt);
      if (planned === undefined || planned > engine.now()) return report;
      for (const step of clock.agesHold ? [...duties, ...deletions] : duties) {
        for (let more = true; more; ) {
          const done = await commit.run(step);
          for (const [name, count] of Object.entries(done.did)) report[name as keyof SweepReport] += count;
          more = done.more;
        }
      }
      if (report.jobsDeleted + report.resultsDeleted + report.auditDeleted > 0) checkpointer.forget();
      return report;
    },
    nextWakeAt: () => read(nextWakeAt),
    stats: () => read(stats),
    holdings: () => read(holdings),

    getSession: async (client, name) =>
      (await read(() => sessions.peek(client, name))) ?? commit.run(() => sessions.use(client, name)),
    setSession: (client, name, change) => commit.run(() => sessions.change(client, name, change)),
    pinSession: (client, name, pin) => commit.run(() => sessions.pin(client, name, pin)),
    rememberConnection: (connection) => commit.run(() => connections.remember(connection)),
    forgetConnection: (pin) => commit.run(() => connections.forget(pin)),
    abandonedConnections: () => read(() => connections.abandoned()),
    listSessions: (client) => read(() => sessions.list(client)),

    registerWorker: (worker) => commit.run(() => workers.register(worker)),
    workerHeartbeat: (id, state) => commit.run(() => workers.heartbeat(id, state)),
    removeWorker: (id) => commit.run(() => workers.remove(id)),
    listWorkers: () => read(() => workers.list()),
    strandedLanes: () => read(() => workers.stranded()),

    saveClient: (name, change) => commit.run(() => clients.save(name, change)),
    findClient: (name) => read(() => clients.find(name)),
    listClients: () => read(() => clients.list()),
    removeClient: async (name) => {
      const removed = await commit.run(() => clients.remove(name));
      // From here on nothing of it is admitted, so what waits only gets less; one that was left behind is finished now.
      while (await commit.run(() => clients.cancelWaiting(name)));
      return removed;
    },
    addToken: (token) => commit.run(() => tokens.add(token)),
    findToken: async (secretHash) => {
      const found = await read(() => tokens.find(secretHash));
      if (found !== undefined && tokens.isStale(found)) await commit.run(() => tokens.touch(found.id));
      return found;
    },
    voidTokens: (ids) => read(() => tokens.void(ids)),
    listTokens: (client) => read(() => tokens.list(client)),
    hasTokens: () => read(() => tokens.any()),
    revokeToken: (id) => commit.run(() => tokens.revoke(id)),

    acquireLease: (resource, holder, leaseMs) => commit.run(() => leases.acquire(resource, holder, leaseMs)),
    renewLease: (resource, holder, leaseMs) => commit.run(() => leases.renew(resource, holder, leaseMs)),
    releaseLease: (resource, holder) => commit.run(() => leases.release(resource, holder)),
    leaseHolder: (resource) => read(() => leases.holder(resource)),

    lastLogin: (credentials) => read(() => logins.last(credentials)),
    loginRefused: (credentials, error) => commit.run(() => logins.refused(credentials, error)),
    loginAccepted: (credentials) => commit.run(() => logins.accepted(credentials)),

    setRate: async (scope, operation, rate) => {
      scopeParts(scope);
      checkClass(operation, false);
      if (rate !== null) checkRate(rate);
      await commit.run(() => limitSettings.setRate(scope, operation, rate));
    },
    setQuota: async (scope, quota) => {
      scopeParts(scope);
      checkQuota(quota);
      await commit.run(() => limitSettings.setQuota(scope, quota));
    },
    limitSettings: () => read(limitSettings.list),
    usage: (client) => read(() => usage.report(client)),
    usageOf: (clients) => read(() => db.transaction(() => clients.map(usage.report))()),
    resetQuotas: (options) => commit.run(() => usage.reset(options?.client)),
    takeRequest: async (client, operation) => {
      checkClass(operation, false);
      const refusal = await commit.run(() => usage.takeRequest(client, operation));
      return refusal === undefined ? { taken: true } : { taken: false, refusal };
    },

    breakers: () => read(breakers.list),
    takeProbe: (profile, holder) => commit.run(() => breakers.takeProbe(profile, holder)),
    endProbe: (profile, holder, reached) => commit.run(() => breakers.endProbe(profile, holder, reached)),
    setBreaker: (profile, state, change) => commit.run(() => breakers.set(profile, state, change)),

    listingAge: (question) => read(() => listings.age(question)),
    keepListing: async (question, { subject, columns, rows }) => {
      const packed = await packRows(rows);
      await commit.run(() => listings.keep(question, subject, columns, packed));
    },
    findListing: async (by) => {
      const found = await read(() => listings.find(by));
      if (found === undefined) return undefined;
      const { data, ...known } = found;
      return { ...known, rows: await unpackRows(data) };
    },

    beginSync: (hold, asker, where, sync) => commit.run(() => syncs.begin(hold, asker, where, sync)),
    stageSync: (hold, staged) => commit.run(() => syncs.stage(hold, staged)),
    findRepository: (asker, where, name) => read(() => repositories.find(asker, where, name)),
    listRepositories: (asker, where) => read(() => db.transaction(() => repositories.list(asker, where))()),
    removeRepository: (asker, where, name) => commit.run(() => repositories.remove(asker, where, name)),
    watchRepository: (asker, where, name, everyMs) => commit.run(() => repositories.watch(asker, where, name, everyMs)),
    takeDueWatch: (key, client) => commit.run(() => repositories.takeDueWatch(key, client)),
    nextWatchAt: (client) => read(() => repositories.nextWatchAt(client)),
    publishedGeneration: (key) => read(() => repositories.publishedGeneration(key)),
    repositoryKeys: () => read(repositories.keys),

    setFlag: (flag, scope, on, by) => commit.run(() => flags.set(flag, scope, on, by)),
    flagSettings: () => read(flags.settings),
    flagChanges: (limit) => read(() => flags.changes(limit)),

    ...memories,

    record: (entry) => commit.run(() => audit.record(entry)),
    audit: prepareAuditList(engine, read),

    onChange: (listener) => bell.onChange(listener),
    onUnusable: (listener) => guard.onBroken(listener),
    close: () => {
      closing ??= Promise.all([commit.close(), readers.close()]).then(() => {
        bell.close();
        db.close();
        guard.close();
      });
      return closing;
    },
  };
}
