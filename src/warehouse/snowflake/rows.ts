import type { Json } from '../../store/job.js';
import { decodeCell, type rawCells } from './cells.js';
import type { DriverStatement } from './driver.js';

export interface RowCaps {
  readonly maxRows: number;
  /** Bytes of the rows as JSON text. */
  readonly maxBytes: number;
}

export interface Delivered {
  readonly rowCount: number;
  readonly truncated: boolean;
}

const BATCH_ROWS = 1000;
const BATCH_BYTES = 256 * 1024;

/**
 * Streams a finished statement's rows in batches up to the caps. `interrupted` rejects when the caller has to give up
 * (cancel, deadline, stall); the stream is then closed.
 */
export async function deliverRows(
  statement: DriverStatement,
  decoders: ReturnType<typeof rawCells>,
  caps: RowCaps,
  onRows: (rows: readonly (readonly Json[])[]) => Promise<void>,
  interrupted: Promise<never>,
): Promise<Delivered> {
  const total = statement.getNumRows() ?? 0;
  const wanted = Math.min(total, caps.maxRows);
  if (wanted <= 0) return { rowCount: 0, truncated: total > 0 };

  const stream = statement.streamRows({ start: 0, end: wanted - 1 });
  let wake = (): void => {};
  let failure: unknown;
  let ended = false;
  stream.on('readable', () => wake());
  stream.on('end', () => {
    ended = true;
    wake();
  });
  // Stays on to the end: the driver may report a chunk that failed after nobody wants it any more.
  stream.on('error', (error: unknown) => {
    failure ??= error;
    wake();
  });

  let rowCount = 0;
  let bytes = 0;
  let cut = false;
  let batch: Json[][] = [];
  let batchBytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const rows = batch;
    batch = [];
    batchBytes = 0;
    await Promise.race([onRows(rows), interrupted]);
  };

  try {
    for (;;) {
      const raw = stream.read() as readonly unknown[] | null;
      if (failure !== undefined) throw failure;
      if (raw === null) {
        if (ended) break;
        await flush();
        await Promise.race([
          new Promise<void>((resolve) => {
            wake = resolve;
            if (ended || failure !== undefined || stream.readableLength > 0) resolve();
          }),
          interrupted,
        ]);
        continue;
      }
      const row = raw.map((cell, index) => decodeCell(decoders[index] as (cell: string) => Json, cell));
      const size = Buffer.byteLength(JSON.stringify(row));
      if (bytes + size > caps.maxBytes) {
        cut = true;
        break;
      }
      bytes += size;
      batchBytes += size;
      rowCount += 1;
      batch.push(row);
      if (batch.length >= BATCH_ROWS || batchBytes >= BATCH_BYTES) await flush();
    }
    await flush();
  } finally {
    stream.destroy();
  }
  return { rowCount, truncated: cut || total > rowCount };
}
