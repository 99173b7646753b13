import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { FileFormat } from '../../sql/commands/file-format.js';
import { duckString } from '../../sql/lexer.js';
import { raise } from '../../sql/macros/raise.js';
import type { StagedFile } from './stage-files.js';

/** As far as a file is read for its first record. */
const MOST_FIRST_RECORD = 1024 * 1024;

export function isGzip(file: StagedFile, format: FileFormat): boolean {
  return format.compression === 'GZIP' || (format.compression === 'AUTO' && file.path.toLowerCase().endsWith('.gz'));
}

/** DuckDB SQL of the file's rows as texts `c0`, `c1`, …; NULL where the format says so. */
export function csvRows(file: StagedFile, format: FileFormat, fields: number): string {
  const columns = Array.from({ length: fields }, (_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  const options = [
    'auto_detect = false',
    'header = false',
    `columns = {${columns}}`,
    `delim = ${duckString(format.delimiter)}`,
    `quote = ${duckString(format.quote)}`,
    `escape = ${duckString(format.quote)}`,
    `skip = ${format.skipHeader}`,
    `compression = '${isGzip(file, format) ? 'gzip' : 'uncompressed'}'`,
    // A text that no field can be: what is NULL is decided below, where enclosed fields are still known.
    `nullstr = [${[...(format.emptyAsNull ? [''] : []), ...format.nullIf].map(duckString).join(', ') || "'\\0'"}]`,
    'allow_quoted_nulls = false',
    `null_padding = ${!format.countMismatchIsError}`,
    'max_line_size = 33554432',
  ];
  const rows = `SELECT * FROM read_csv(${duckString(file.absolute)}, ${options.join(', ')})`;
  const cells = Array.from({ length: fields }, (_, i) => `${cell(`"c${i}"`, format)} AS "c${i}"`).join(', ');
  return `SELECT ${cells} FROM (${rows}) AS "csv"`;
}

function cell(column: string, format: FileFormat): string {
  const text = format.trimSpace ? `trim(${column})` : column;
  if (format.plainBackslash || format.quote !== '') return text;
  const refused = raise(
    '000002',
    '0A000',
    "'Unsupported feature: a backslash in a field. With ESCAPE_UNENCLOSED_FIELD = NONE it means itself.'",
  );
  return `CASE WHEN contains(${column}, '\\') THEN ${refused} ELSE ${text} END`;
}

/** DuckDB SQL of the file's documents as one JSON column. */
export function jsonRows(file: StagedFile, format: FileFormat): string {
  const options = [
    `format = '${format.stripOuterArray ? 'array' : 'unstructured'}'`,
    `compression = '${isGzip(file, format) ? 'gzip' : 'uncompressed'}'`,
    'maximum_object_size = 134217728',
  ];
  return `SELECT "json" AS "c0" FROM read_json_objects(${duckString(file.absolute)}, ${options.join(', ')}) AS "documents"("json")`;
}

export function parquetTable(file: StagedFile): string {
  return `read_parquet(${duckString(file.absolute)})`;
}

/** Each row of the file as one JSON object. */
export function parquetRows(file: StagedFile): string {
  return `SELECT to_json("row") AS "c0" FROM ${parquetTable(file)} AS "row"`;
}

/** How many fields the first record behind the header has; 0 for a file without one. */
export async function fieldCount(file: StagedFile, format: FileFormat): Promise<number> {
  const source = createReadStream(file.absolute);
  const stream = isGzip(file, format) ? source.pipe(createGunzip()) : source;
  const failed = new Promise<never>((_, reject) => source.once('error', reject));
  const count = (async () => {
    let text = '';
    for await (const chunk of stream) {
      text += (chunk as Buffer).toString('latin1');
      const fields = firstRecord(text, format, false);
      if (fields !== undefined || text.length > MOST_FIRST_RECORD)
        return fields ?? firstRecord(text, format, true) ?? 0;
    }
    return firstRecord(text, format, true) ?? 0;
  })();
  try {
    return await Promise.race([count, failed]);
  } finally {
    source.destroy();
  }
}

/** Fields of the first record; undefined when it does not end within the text. */
function firstRecord(text: string, format: FileFormat, whole: boolean): number | undefined {
  let at = 0;
  for (let line = 0; line < format.skipHeader; line++) {
    const end = text.indexOf('\n', at);
    if (end < 0) return whole ? 0 : undefined;
    at = end + 1;
  }
  if (whole && at >= text.length) return 0;
  const delimiter = Buffer.from(format.delimiter).toString('latin1');
  let fields = 1;
  let enclosed = false;
  for (; at < text.length; at++) {
    if (format.quote !== '' && text[at] === format.quote) enclosed = !enclosed;
    else if (enclosed) continue;
    else if (text[at] === '\n') return fields;
    else if (text.startsWith(delimiter, at)) {
      fields += 1;
      at += delimiter.length - 1;
    }
  }
  return whole ? fields : undefined;
}
