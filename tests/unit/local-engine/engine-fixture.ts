import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Engine,
  EngineSession,
  SessionOptions,
  StatementInput,
  StatementOutcome,
} from '../../../src/local/engine/engine.js';
import { type EngineOptions, openEngine } from '../../../src/local/engine/open.js';

export type Row = readonly (string | null)[];

export interface Answer {
  readonly outcome: StatementOutcome;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** A real engine on a directory of its own. */
export class EngineFixture {
  readonly dir: string;
  engine: Engine;

  static async start(options: Partial<EngineOptions> = {}): Promise<EngineFixture> {
    const dir = await mkdtemp(join(tmpdir(), 'mcp-snow-engine-'));
    return new EngineFixture(dir, await openEngine({ sampleScale: 0, ...options, dataDir: dir }));
  }

  private constructor(dir: string, engine: Engine) {
    this.dir = dir;
    this.engine = engine;
  }

  async restart(): Promise<void> {
    await this.engine.close();
    this.engine = await openEngine({ sampleScale: 0, dataDir: this.dir });
  }

  async stop(): Promise<void> {
    await this.engine.close();
    await rm(this.dir, { recursive: true, force: true });
  }

  async session(options: Partial<SessionOptions> = {}): Promise<Client> {
    return new Client(await this.engine.openSession({ user: 'tester', context: {}, parameters: {}, ...options }));
  }

  /** A session in a database and schema of its own. */
  async workspace(name = 'DB1'): Promise<Client> {
    const client = await this.session();
    await client.run(`CREATE DATABASE IF NOT EXISTS ${name}`);
    await client.run(`USE SCHEMA ${name}.PUBLIC`);
    return client;
  }
}

export class Client {
  readonly session: EngineSession;

  constructor(session: EngineSession) {
    this.session = session;
  }

  async run(text: string, input: Partial<StatementInput> = {}): Promise<Answer> {
    const outcome = await this.session.execute({ text, queryId: randomUUID(), ...input });
    return { outcome, columns: outcome.columns.map(({ name }) => name), rows: await readRows(outcome) };
  }

  async rows(text: string, input: Partial<StatementInput> = {}): Promise<readonly Row[]> {
    return (await this.run(text, input)).rows;
  }

  /** The first cell of the first row. */
  async cell(text: string): Promise<string | null | undefined> {
    return (await this.rows(text))[0]?.[0];
  }

  /** The error that the statement must end with. */
  async fails(
    text: string,
    input: Partial<StatementInput> = {},
  ): Promise<{ number: string; sqlState: string; message: string }> {
    try {
      await this.run(text, input);
    } catch (error) {
      return error as { number: string; sqlState: string; message: string };
    }
    throw new Error(`should have failed: ${text}`);
  }
}

export async function readRows(outcome: StatementOutcome): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const block of outcome.blocks) rows.push(...(JSON.parse(`[${block.json}]`) as Row[]));
  return rows;
}
