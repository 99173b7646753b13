import { DEFAULT_CAPS } from '../../fairness/caps.js';
import { quotaWindows } from '../../limits/quota-window.js';
import { BREAKER_POLICY } from '../../resilience/breaker.js';
import { DEGRADATION_POLICY } from '../../resilience/degradation.js';
import { systemLeaseClock } from '../clock.js';
import type { Store, StoreOptions } from '../store.js';
import { prepareAdmissionGuard } from './admission-guard.js';
import { prepareAdmit } from './admit.js';
import { AUDIT_RETENTION_MS, prepareAudit, prepareAuditList } from './audit.js';
import { Bell } from './bell.js';
import { prepareBreakers } from './breakers.js';
import { withBusyRetry } from './busy-retry.js';
import { Checkpointer } from './checkpointer.js';
import { openDatabase } from './connection.js';
import type { Engine } from './engine.js';
import { closedFailure, storeFailure } from './failure.js';
import { FileGuard } from './file-guard.js';
import { prepareFlags } from './flags.js';
import { GroupCommit } from './group-commit.js';
import { SESSION_IDLE_MS } from './idle-sessions.js';
import { prepareLaneGate } from './lane-gate.js';
import { prepareLeases } from './leases.js';
import { prepareLimiter } from './limiter.js';
import { prepareLogins } from './logins.js';
import { prepareMemories } from './memories.js';
import { MemoryReaders } from './memory-readers.js';
import { applyMigrations, latestVersion } from './migrator.js';
import { preparePinnedConnections } from './pinned-connections.js';
import { ReadTurns } from './read-turns.js';
import { prepareRepositories } from './repositories.js';
import { prepareRepositorySyncs } from './repository-syncs.js';
import { clientRole } from './roles/clients.js';
import { jobRole } from './roles/jobs.js';
import { listingRole } from './roles/listings.js';
import { sweepRole } from './roles/sweep.js';
import type { Turns } from './roles/turns.js';
import { usageRole } from './roles/usage.js';
import { prepareSessions } from './sessions.js';
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
  const readTurns = new ReadTurns();
  const read = async <T>(work: () => T): Promise<T> => {
    await readTurns.begin();
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
  const sessions = prepareSessions(engine);
  const connections = preparePinnedConnections(engine);
  const workers = prepareWorkers(engine);
  const leases = prepareLeases(engine);
  const logins = prepareLogins(engine);
  const flags = prepareFlags(engine);
  const repositories = prepareRepositories(engine);
  const syncs = prepareRepositorySyncs(engine);
  const readers = new MemoryReaders(path);
  const memories = prepareMemories(engine, limiter, { write: (work) => commit.run(work), read, readers });
  const turns: Turns = { commit, read };

  return {
    ...jobRole(engine, turns, { admit, limiter, gate, breakers }),
    ...sweepRole(engine, turns, gate, () => checkpointer.forget()),
    ...clientRole(engine, turns),
    ...usageRole(engine, turns, limiter),
    ...listingRole(engine, turns),

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

    acquireLease: (resource, holder, leaseMs) => commit.run(() => leases.acquire(resource, holder, leaseMs)),
    renewLease: (resource, holder, leaseMs) => commit.run(() => leases.renew(resource, holder, leaseMs)),
    releaseLease: (resource, holder) => commit.run(() => leases.release(resource, holder)),
    leaseHolder: (resource) => read(() => leases.holder(resource)),

    lastLogin: (credentials) => read(() => logins.last(credentials)),
    loginRefused: (credentials, error) => commit.run(() => logins.refused(credentials, error)),
    loginAccepted: (credentials) => commit.run(() => logins.accepted(credentials)),

    breakers: () => read(breakers.list),
    takeProbe: (profile, holder) => commit.run(() => breakers.takeProbe(profile, holder)),
    endProbe: (profile, holder, reached) => commit.run(() => breakers.endProbe(profile, holder, reached)),
    setBreaker: (profile, state, change) => commit.run(() => breakers.set(profile, state, change)),

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
