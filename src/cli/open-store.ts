import type { Settings } from '../config/settings.js';
import { openSqliteStore } from '../store/sqlite/open.js';
import type { Store } from '../store/store.js';
import { loadSettings, type SettingOptions } from './settings.js';

/** The store of these settings, made when it is not there. */
export async function openStoreOf(settings: Settings): Promise<Store> {
  return await openSqliteStore({
    path: settings.db,
    bounds: settings.queue,
    synchronous: settings.synchronous,
    timeZone: settings.limits.timeZone,
    breaker: settings.breaker,
    degradation: settings.degradation,
    retentionMs: settings.jobs.keptMs,
    auditRetentionMs: settings.audit.keptMs,
    sessionIdleMs: settings.sessions.idleMs,
  });
}

/** The store of commands that look at the queue or act on it, without a way to the warehouse. */
export async function openStore(
  options: SettingOptions,
): Promise<{ readonly store: Store; readonly settings: Settings }> {
  const settings = await loadSettings(options);
  return { store: await openStoreOf(settings), settings };
}
