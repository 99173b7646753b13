import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cleanEnvironment, type Ended, eventually, Place } from '../e2e/processes.js';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** The program as it may be one migration later. */
class NextVersion {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mcp-snow-next-'));
  readonly #latest = Math.max(...readdirSync(join(ROOT, 'migrations')).map((name) => Number(name.slice(0, 4))));

  constructor() {
    for (const part of ['bin', 'dist', 'migrations', 'package.json'])
      cpSync(join(ROOT, part), join(this.#folder, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.#folder, 'node_modules'));
  }

  get version(): number {
    return this.#latest + 1;
  }

  /** The next schema; with `-- additive` as its first line older programs may go on. */
  brings(sql: string): void {
    const name = `${String(this.version).padStart(4, '0')}_next.sql`;
    writeFileSync(join(this.#folder, 'migrations', name), sql);
  }

  async run(place: Place, ...args: string[]): Promise<Ended> {
    const child = spawn(
      process.execPath,
      [join(this.#folder, 'bin', 'mcp-snow.js'), ...args, '--db', place.db, '--json'],
      { cwd: place.folder, env: cleanEnvironment(place.folder), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { stdout, stderr, code: code as number | null };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  if (child.stderr === null) throw new Error('the process has no stderr');
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code: code as number | null, stderr };
}

interface JobJson {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
}

describe('two versions of the program on one file', () => {
  let next: NextVersion;
  let place: Place;

  beforeAll(() => {
    next = new NextVersion();
  });
  afterAll(() => next.remove());
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.end());

  it('a schema that older ones have to know: those that run hand their jobs on and end, others do not start', async () => {
    next.brings('ALTER TABLE jobs ADD COLUMN colour TEXT;');
    const worker = await place.worker();
    const ended = endOf(worker);
    const sql = "select system$wait(30, 'SECONDS')";
    const { job_id: id } = await place.json<{ job_id: string }>('enqueue', 'query', sql);
    await eventually(async () => {
      const job = await place.json<JobJson>('jobs', 'show', id);
      return job.state === 'running' ? job : undefined;
    });
    const migrated = await next.run(place, 'migrate');
    expect(migrated).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(migrated.stdout)).toMatchObject({ applied: [{ version: next.version }] });

    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toContain(`schema version ${next.version}`);
    expect(stderr).toContain('Restart it with the newer version');
    const older = await place.run(['stats', '--db', place.db, '--json']);
    expect(older.code).toBe(1);
    expect(JSON.parse(older.stderr)).toMatchObject({
      error: { code: 'STORE_UNAVAILABLE', hint: expect.stringContaining('upgrade') },
    });
    const shown = await next.run(place, 'jobs', 'show', id);
    expect(['running', 'queued']).toContain((JSON.parse(shown.stdout) as JobJson).state);
    expect((await next.run(place, 'jobs', 'cancel', id)).code).toBe(0);
  }, 60_000);

  it('a schema that only adds something: older ones go on, and start, too', async () => {
    next.brings('-- additive\nCREATE TABLE colours (name TEXT) STRICT;');
    const worker = await place.worker();
    expect((await next.run(place, 'migrate')).code).toBe(0);
    const ended = await place.run(['enqueue', 'query', 'select 42 as n', '--wait', '--db', place.db, '--json']);
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('42');
    expect(worker.exitCode).toBeNull();
  }, 60_000);

  it('a database that is deleted under a worker and a server ends both with the reason', async () => {
    const worker = await place.worker();
    const server = place.start(['serve', '--http', '--port', '0', '--no-worker', '--db', place.db, '--json']);
    if (server.stdout === null) throw new Error('the server has no stdout');
    await once(server.stdout, 'data');
    const ends = [endOf(worker), endOf(server)];
    unlinkSync(place.db);
    for (const { code, stderr } of await Promise.all(ends)) {
      expect(code).toBe(1);
      expect(stderr).toContain(`${place.db} was deleted while it was in use.`);
    }
  }, 60_000);
});
