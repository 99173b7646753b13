import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import { LoginGate } from '../../src/warehouse/login-gate.js';
import { LoginRefused } from '../../src/warehouse/login-refused.js';
import { SharedLogins } from '../../src/warehouse/shared-logins.js';

const BAD = { account: 'x', username: 'ann-of-accounts', password: 'sesame-open' };
const GOOD = { ...BAD, password: 'right' };

let folder: string;
let stores: Store[];
let clock: number;
let logins: number;
let under = 0;
let most = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-snow-logins-'));
  clock = 1_000;
  logins = 0;
  most = 0;
  const path = join(folder, 'queue.db');
  stores = await Promise.all(
    Array.from({ length: 5 }, () => openSqliteStore({ path, bootId: 'b', monotonicNow: () => clock })),
  );
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** A warehouse that takes a moment, and one password only. */
async function login(options: typeof BAD): Promise<string> {
  logins += 1;
  under += 1;
  most = Math.max(most, under);
  await new Promise((resolve) => setTimeout(resolve, 20));
  under -= 1;
  if (options.password !== GOOD.password) {
    throw new LoginRefused({ code: 'CONNECTION_FAILED', message: 'Incorrect.', hint: 'Correct it.' });
  }
  return 'in';
}

/** As each process has it: its own gate, and what all of them know. */
function process(store: Store): (options: typeof BAD) => Promise<string> {
  const gate = new LoginGate(() => clock);
  const shared = new SharedLogins(store);
  return (options) => gate.pass(options, () => shared.pass(options, () => login(options)));
}

describe('logins of many processes', () => {
  it('with a bad password reach the warehouse once, whoever asks, and everybody is told why and when to come back', async () => {
    const processes = stores.map(process);
    const ends = await Promise.allSettled(processes.flatMap((pass) => [pass(BAD), pass(BAD)]));
    expect(logins).toBe(1);
    for (const end of ends) {
      const { reason } = end as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(LoginRefused);
      expect(reason.data).toMatchObject({ message: expect.stringContaining('Incorrect.'), retryAfterMs: 30_000 });
    }
    clock += 30_000;
    await Promise.allSettled(processes.map((pass) => pass(BAD)));
    expect(logins).toBe(2);
    const late = await process(stores[0] as Store)(BAD).catch((failure: LoginRefused) => failure.data);
    expect([logins, late]).toEqual([2, expect.objectContaining({ retryAfterMs: 60_000 })]);
  });

  it('go one at a time until one has got in, and side by side from then on', async () => {
    await Promise.all(stores.map((store) => process(store)(GOOD)));
    // The first alone; those that waited for it together.
    expect([logins, most > 1]).toEqual([5, true]);
    most = 0;
    await Promise.all(stores.flatMap((store) => [process(store)(GOOD), process(store)(GOOD)]));
    expect(most).toBeGreaterThan(2);
    clock += 61_000;
    most = 0;
    await process(stores[0] as Store)(GOOD);
    expect(most).toBe(1);
  });

  it('with changed credentials pass at once', async () => {
    const [one, other] = stores.map(process) as [ReturnType<typeof process>, ReturnType<typeof process>];
    await expect(one(BAD)).rejects.toThrow();
    expect(await other(GOOD)).toBe('in');
    await expect(other(BAD)).rejects.toThrow();
    expect(logins).toBe(2);
  });

  it('do not wait for ever for a process that died in the middle of one', async () => {
    const [dead] = stores as [Store];
    void new SharedLogins(dead).pass(GOOD, () => new Promise(() => undefined)).catch(() => undefined);
    const db = new Database(join(folder, 'queue.db'), { readonly: true });
    const held = db.prepare("SELECT count(*) FROM leases WHERE resource LIKE 'login:%'").pluck();
    await expect.poll(() => held.get()).toBe(1);
    db.close();
    const waiting = process(stores[1] as Store)(GOOD);
    clock += 60_001;
    expect(await waiting).toBe('in');
  });

  it('leave nothing of the credentials in the file', async () => {
    await expect(process(stores[0] as Store)(BAD)).rejects.toThrow();
    const bytes = Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
    expect(bytes.includes('Incorrect.')).toBe(true);
    for (const secret of [BAD.password, BAD.username]) expect(bytes.includes(secret), secret).toBe(false);
  });
});
