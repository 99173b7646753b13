import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { duckString } from '../../sql/lexer.js';
import type { FileRecord } from './file-records.js';

/** Characters that are gathered before they are written. */
const BUFFERED = 256 * 1024;

/** Columns of a plain copy before the fields `c0`, `c1`, … */
const OWN_COLUMNS = ['row_number', 'line', 'field_count', 'starts', 'raw', 'malformed'] as const;

export interface PlainCopy {
  readonly records: number;
  readonly malformed: number;
}

/**
 * Writes records in the one dialect that DuckDB reads without guessing: every text in quotes, NULL as nothing. Each row has
 * `width` fields; what a record lacks is NULL, what it has more is counted only.
 */
export async function writePlainCopy(
  records: AsyncIterable<FileRecord>,
  target: string,
  options: { readonly width: number; readonly raw: boolean; readonly signal: AbortSignal },
): Promise<PlainCopy> {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const out = createWriteStream(target, { mode: 0o600 });
  let count = 0;
  let malformed = 0;
  try {
    let buffer = '';
    for await (const record of records) {
      if (options.signal.aborted) throw options.signal.reason;
      count += 1;
      if (record.malformed !== undefined) malformed += 1;
      buffer += lineOf(record, count, options);
      if (buffer.length < BUFFERED) continue;
      if (!out.write(buffer)) await once(out, 'drain');
      buffer = '';
    }
    out.end(buffer);
    await finished(out);
  } finally {
    out.destroy();
  }
  return { records: count, malformed };
}

function lineOf(record: FileRecord, number: number, { width, raw }: { width: number; raw: boolean }): string {
  const cells = [
    String(number),
    String(record.line),
    String(record.fields.length),
    quoted(record.starts.slice(0, width).join(' ')),
    raw ? quoted(record.raw) : '',
    record.malformed === undefined ? '' : quoted(record.malformed),
  ];
  for (let i = 0; i < width; i++) {
    const field = record.fields[i];
    cells.push(field === null || field === undefined ? '' : quoted(field));
  }
  return `${cells.join(',')}\n`;
}

function quoted(text: string): string {
  return `"${text.includes('"') ? text.replaceAll('"', '""') : text}"`;
}

/** DuckDB SQL of a plain copy's rows: `row_number`, `line`, `field_count`, `starts`, `raw`, `malformed`, `c0`, `c1`, … */
export function plainRows(path: string, width: number): string {
  const columns = [...OWN_COLUMNS, ...Array.from({ length: width }, (_, i) => `c${i}`)];
  const types = columns.map((name, i) => `'${name}': '${i < 3 ? 'BIGINT' : 'VARCHAR'}'`).join(', ');
  const options = [
    'auto_detect = false',
    'header = false',
    `columns = {${types}}`,
    "delim = ','",
    `quote = '"'`,
    `escape = '"'`,
    "nullstr = ''",
    'allow_quoted_nulls = false',
    'max_line_size = 134217728',
    'parallel = false',
    "compression = 'none'",
  ];
  return `SELECT * FROM read_csv(${duckString(path)}, ${options.join(', ')})`;
}
