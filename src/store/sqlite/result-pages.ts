import { promisify } from 'node:util';
import { constants, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import { SnowError } from '../../errors/snow-error.js';
import type { Json } from '../job.js';
import type { HoldVerdict, JobHold } from '../job-store.js';
import type { Engine } from './engine.js';
import { prepareHeldJob } from './held-job.js';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

export type Rows = readonly (readonly Json[])[];

export interface PackedPage {
  readonly data: Buffer;
  /** Bytes before compression. */
  readonly bytes: number;
}

/** Up to this many bytes setting up the compression takes longer than it can save. */
const PLAIN_UP_TO = 1024;

/** Up to this many bytes packing and unpacking here is quicker than the way to a thread and back. */
const PACKED_AT_ONCE = 16 * 1024;
const UNPACKED_AT_ONCE = 4 * 1024;

/** First byte of a stored page. */
const PLAIN = 0;
const DEFLATED = 1;

/** Compressed; a small page at once, so that it can share the transaction of what is asked for in the same turn. */
export function packRows(rows: Rows): PackedPage | Promise<PackedPage> {
  const json = Buffer.from(JSON.stringify(rows));
  const packed = (form: number, data: Buffer): PackedPage => ({
    data: Buffer.concat([Buffer.of(form), data]),
    bytes: json.length,
  });
  if (json.length <= PLAIN_UP_TO) return packed(PLAIN, json);
  const level = { level: constants.Z_BEST_SPEED };
  if (json.length <= PACKED_AT_ONCE) return packed(DEFLATED, deflateRawSync(json, level));
  return deflate(json, level).then((data) => packed(DEFLATED, data));
}

/** Throws `STORE_UNAVAILABLE` for a page in a form that this version does not know. */
export async function unpackRows(page: Buffer): Promise<Rows> {
  try {
    const json = await unpacked(page);
    return JSON.parse(json.toString()) as Rows;
  } catch (failure) {
    throw new SnowError(
      {
        code: 'STORE_UNAVAILABLE',
        message: 'The stored result cannot be read: another version of mcp-snow wrote it, or it was damaged.',
        hint: 'Run the statement again, and run the same version in all processes on this database.',
      },
      { cause: failure },
    );
  }
}

function unpacked(page: Buffer): Buffer | Promise<Buffer> {
  const data = page.subarray(1);
  if (page[0] === PLAIN) return data;
  if (page[0] !== DEFLATED) throw new Error(`unknown form ${page[0]}`);
  return data.length <= UNPACKED_AT_ONCE ? inflateRawSync(data) : inflate(data);
}

/** Keeps a page under the attempt that made it. */
export function prepareWritePage(engine: Engine): (hold: JobHold, page: number, packed: PackedPage) => HoldVerdict {
  const heldJob = prepareHeldJob(engine);
  const write = engine.db.prepare(
    `INSERT INTO result_pages (job, attempt, page, bytes, data) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (job, attempt, page) DO UPDATE SET bytes = excluded.bytes, data = excluded.data`,
  );
  return (hold, page, packed) => {
    const job = heldJob(hold);
    if (job === undefined) return 'lost';
    write.run(job.seq, job.attempts, page, packed.bytes, packed.data);
    return 'held';
  };
}

/** A page of the attempt that succeeded, until the result expires. */
export function prepareReadPage(engine: Engine): (id: string, page: number) => Buffer | undefined {
  const read = engine.db
    .prepare<[string, number, number], Buffer>(
      `SELECT result_pages.data FROM jobs
       CROSS JOIN result_pages ON result_pages.job = jobs.seq AND result_pages.attempt = jobs.attempts
       WHERE jobs.id = ? AND result_pages.page = ? AND jobs.state = 'succeeded' AND jobs.result_expires_at > ?`,
    )
    .pluck();
  return (id, page) => read.get(id, page, engine.now()) as Buffer | undefined;
}
