import { SnowError } from '../../errors/snow-error.js';
import type { ClientChange, ClientPermissions, ClientRecord } from '../client-store.js';
import { CANCELLABLE_COLUMNS, type CancellableRow, prepareCancelRow } from './cancel.js';
import type { Engine } from './engine.js';

interface ClientRow {
  readonly id: number;
  readonly name: string;
  readonly weight: number;
  readonly client_group: string | null;
  readonly permissions: string;
  readonly max_running: number | null;
  readonly max_queued: number | null;
  readonly smooth: number;
  readonly registered: number;
  readonly created_at: number;
  readonly removed_at: number | null;
}

/** Jobs cancelled in one step of a removal, so that other operations come in between. */
const CANCELS_AT_ONCE = 100;

const LONGEST_NAME = 200;

/** Share in relation to others: what lies beyond is a mistake, and would starve or be starved. */
const LIGHTEST = 0.01;
const HEAVIEST = 1_000;

export interface ClientOperations {
  save(name: string, change: ClientChange): ClientRecord;
  find(name: string): ClientRecord | undefined;
  list(): readonly ClientRecord[];
  /** Marks it as removed and revokes its tokens; `false` when there is none. */
  remove(name: string): boolean;
  /** Cancels some of what a removed client has waiting; `false` when nothing is left. */
  cancelWaiting(name: string): boolean;
}

export function prepareClients(engine: Engine): ClientOperations {
  const { db } = engine;
  const find = db.prepare<[string], ClientRow>('SELECT * FROM clients WHERE name = ?');
  const all = db.prepare<[], ClientRow>('SELECT * FROM clients WHERE removed_at IS NULL ORDER BY name');
  const save = db.prepare<unknown[], ClientRow>(
    `INSERT INTO clients (name, weight, client_group, permissions, max_running, max_queued, smooth, registered, created_at)
     VALUES (@name, @weight, @group, @permissions, @maxRunning, @maxQueued, @smooth, 1, @createdAt)
     ON CONFLICT (name) DO UPDATE SET weight = excluded.weight, client_group = excluded.client_group,
       permissions = excluded.permissions, max_running = excluded.max_running, max_queued = excluded.max_queued,
       smooth = excluded.smooth, registered = 1, created_at = excluded.created_at, removed_at = NULL
     RETURNING *`,
  );
  const uncap = db.prepare('UPDATE client_lanes SET capped = 0 WHERE client = ? AND capped = 1');
  const remove = db.prepare('UPDATE clients SET removed_at = ? WHERE id = ?');
  const revoke = db.prepare('UPDATE tokens SET revoked_at = ? WHERE client = ? AND revoked_at IS NULL');
  const waiting = db.prepare<[string], CancellableRow>(
    `SELECT ${CANCELLABLE_COLUMNS} FROM jobs
     WHERE client = (SELECT id FROM clients WHERE name = ? AND removed_at IS NOT NULL)
       AND state IN ('queued', 'scheduled') AND cancel_requested IS NULL LIMIT ${CANCELS_AT_ONCE}`,
  );
  const cancelRow = prepareCancelRow(engine);

  return {
    save: (name, change) => {
      checkName(name);
      const row = find.get(name);
      const there = row === undefined || row.removed_at !== null ? undefined : recordOf(row);
      const wanted = { ...there, ...change };
      const weight = wanted.weight ?? 1;
      checkNumbers(weight, { maxRunning: wanted.maxRunning, maxQueued: wanted.maxQueued });
      const saved = save.get({
        name,
        weight,
        group: wanted.group ?? null,
        permissions: JSON.stringify(wanted.permissions ?? {}),
        maxRunning: wanted.maxRunning ?? null,
        maxQueued: wanted.maxQueued ?? null,
        smooth: wanted.smooth === true ? 1 : 0,
        createdAt: there?.createdAt ?? engine.now(),
      }) as ClientRow;
      uncap.run(saved.id);
      return recordOf(saved);
    },
    find: (name) => {
      const row = find.get(name);
      return row && recordOf(row);
    },
    list: () => all.all().map(recordOf),
    remove: (name) => {
      const row = find.get(name);
      if (row === undefined || row.removed_at !== null) return false;
      remove.run(engine.now(), row.id);
      revoke.run(engine.now(), row.id);
      return true;
    },
    cancelWaiting: (name) => {
      const rows = waiting.all(name);
      for (const row of rows) cancelRow(row, `The client "${name}" was removed.`);
      return rows.length === CANCELS_AT_ONCE;
    },
  };
}

function recordOf(row: ClientRow): ClientRecord {
  return {
    name: row.name,
    ...(row.client_group !== null && { group: row.client_group }),
    weight: row.weight,
    permissions: JSON.parse(row.permissions) as ClientPermissions,
    ...(row.max_running !== null && { maxRunning: row.max_running }),
    ...(row.max_queued !== null && { maxQueued: row.max_queued }),
    smooth: row.smooth === 1,
    registered: row.registered === 1,
    createdAt: row.created_at,
    ...(row.removed_at !== null && { removedAt: row.removed_at }),
  };
}

function checkName(name: string): void {
  if (name !== '' && name === name.trim() && name.length <= LONGEST_NAME && !/\p{Cc}/u.test(name)) return;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'That is no name for a client.',
    hint: `Use 1 to ${LONGEST_NAME} printable characters, with no space at the ends.`,
  });
}

function checkNumbers(weight: number, caps: Readonly<Record<string, number | null | undefined>>): void {
  if (!(weight >= LIGHTEST && weight <= HEAVIEST))
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `A client cannot have the weight ${weight}.`,
      hint: `Give a number from ${LIGHTEST} to ${HEAVIEST}; 1 is the weight of everybody else.`,
    });
  for (const [name, cap] of Object.entries(caps))
    if (cap !== undefined && cap !== null && !(Number.isSafeInteger(cap) && cap >= 1))
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `${name} of a client cannot be ${cap}.`,
        hint: 'Give a whole number from 1 up; to keep a client out remove it, or revoke its tokens.',
      });
}
