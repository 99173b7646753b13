import { checkFlagSetting, type FlagName, type FlagScope } from '../../config/flags.js';
import type { FlagChange, FlagSetting } from '../flag-store.js';
import type { Engine } from './engine.js';
import { checkLimit } from './page-limit.js';

interface ScopeColumns {
  readonly scope: 'all' | 'percentage' | 'group' | 'client';
  readonly name: string;
  readonly percentage: number | null;
}

interface SettingRow extends ScopeColumns {
  readonly flag: string;
  readonly is_on: number;
  readonly set_at: number;
  readonly set_by: string;
}

interface ChangeRow extends ScopeColumns {
  readonly flag: string;
  readonly percentage_before: number | null;
  readonly was_on: number | null;
  readonly is_on: number | null;
  readonly changed_at: number;
  readonly changed_by: string;
}

export interface FlagOperations {
  set(flag: string, scope: FlagScope, on: boolean | null, by: string): void;
  settings(): readonly FlagSetting[];
  changes(limit: number): readonly FlagChange[];
}

export function prepareFlags(engine: Engine): FlagOperations {
  const { db } = engine;
  const all = db.prepare<[], SettingRow>('SELECT * FROM flags');
  const find = db.prepare<[string, string, string], SettingRow>(
    'SELECT * FROM flags WHERE flag = ? AND scope = ? AND name = ?',
  );
  const save = db.prepare(
    `INSERT OR REPLACE INTO flags (flag, scope, name, percentage, is_on, set_at, set_by) VALUES (?,?,?,?,?,?,?)`,
  );
  const remove = db.prepare('DELETE FROM flags WHERE flag = ? AND scope = ? AND name = ?');
  const keep = db.prepare(
    `INSERT INTO flag_changes (flag, scope, name, percentage, percentage_before, was_on, is_on, changed_at, changed_by)
     VALUES (?,?,?,?,?,?,?,?,?)`,
  );
  const latest = db.prepare<[number], ChangeRow>('SELECT * FROM flag_changes ORDER BY id DESC LIMIT ?');
  // What was used while the order was another one shall not be repaid: all begin at the clock of their lane.
  const forgive = db.prepare(
    `UPDATE client_lanes SET virtual_time = pending + (SELECT virtual_time FROM lanes WHERE id = client_lanes.lane)`,
  );

  return {
    set: (flag, scope, on, by) => {
      checkFlagSetting(flag, scope, on);
      const place = columnsOf(scope);
      const before = find.get(flag, place.scope, place.name);
      const same = on === null ? before === undefined : before?.is_on === Number(on);
      if (same && (on === null || before?.percentage === place.percentage)) return;
      const now = engine.now();
      if (on === null) remove.run(flag, place.scope, place.name);
      else save.run(flag, place.scope, place.name, place.percentage, Number(on), now, by);
      keep.run(
        flag,
        place.scope,
        place.name,
        on === null ? (before?.percentage ?? null) : place.percentage,
        before?.percentage ?? null,
        before?.is_on ?? null,
        on === null ? null : Number(on),
        now,
        by,
      );
      if (flag === 'fair-queue' && before?.is_on === 0 && on !== false) forgive.run();
    },
    settings: () =>
      all.all().map((row) => ({
        flag: row.flag,
        scope: scopeOf(row),
        on: row.is_on === 1,
        setAt: row.set_at,
        setBy: row.set_by,
      })),
    changes: (limit) => {
      checkLimit(limit, 'changes');
      return latest.all(limit).map((row) => ({
        flag: row.flag,
        scope: scopeOf(row),
        ...(row.was_on !== null && { before: row.was_on === 1 }),
        ...(row.percentage_before !== null &&
          row.percentage_before !== row.percentage && { percentageBefore: row.percentage_before }),
        ...(row.is_on !== null && { after: row.is_on === 1 }),
        at: row.changed_at,
        by: row.changed_by,
      }));
    },
  };
}

/** Whether a flag of the whole system is on; one look-up, for use inside a transaction. */
export function prepareSystemFlag({ db }: Engine, flag: FlagName): () => boolean {
  const find = db
    .prepare<[string], number>("SELECT is_on FROM flags WHERE flag = ? AND scope = 'all' AND name = ''")
    .pluck();
  return () => find.get(flag) !== 0;
}

function columnsOf(scope: FlagScope): ScopeColumns {
  if (scope === 'all') return { scope, name: '', percentage: null };
  if ('client' in scope) return { scope: 'client', name: scope.client, percentage: null };
  if ('group' in scope) return { scope: 'group', name: scope.group, percentage: null };
  return { scope: 'percentage', name: '', percentage: scope.percentage };
}

function scopeOf({ scope, name, percentage }: ScopeColumns): FlagScope {
  switch (scope) {
    case 'all':
      return 'all';
    case 'client':
      return { client: name };
    case 'group':
      return { group: name };
    case 'percentage':
      return { percentage: percentage ?? 0 };
  }
}
