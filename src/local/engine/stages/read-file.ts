import type { FileFormat } from '../../sql/commands/file-format.js';
import { duckString } from '../../sql/lexer.js';
import { raise } from '../../sql/macros/raise.js';
import { compressionOf, decoded } from './decompress.js';
import { csvRecords, type FileRecord, jsonRecords } from './file-records.js';
import type { StagedFile } from './stage-files.js';

/** Whether DuckDB's own reader gives what the format asks for; else the file is read here first. */
export function duckdbReads(file: StagedFile, format: FileFormat): boolean {
  if (format.type === 'PARQUET') return true;
  const compression = compressionOf(file, format.compression);
  const packed = compression === 'NONE' || compression === 'GZIP';
  if (!packed || format.encoding !== 'utf-8' || format.replaceInvalid) return false;
  if (format.type === 'JSON') return !format.stripNullValues && format.nullIf.every((text) => text === '\\N');
  const { delimiter, recordDelimiter, escape, unenclosedEscape } = format;
  const plainDelimiter = delimiter !== '' && delimiter.length <= 4 && recordDelimiter === '\n';
  return plainDelimiter && escape === '' && ['', '\\'].includes(unenclosedEscape) && !format.parseHeader;
}

/** DuckDB SQL of the file's rows as texts `c0`, `c1`, …; NULL where the format says so. A backslash that escapes is an error. */
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
    `compression = '${compressionOf(file, format.compression) === 'GZIP' ? 'gzip' : 'none'}'`,
    `nullstr = [${format.emptyAsNull ? "''" : "'\\0'"}]`,
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
  const nulls = format.nullIf.map((value) => `WHEN ${duckString(value)} THEN NULL`).join(' ');
  const value = nulls === '' ? text : `CASE ${text} ${nulls} ELSE ${text} END`;
  if (format.unenclosedEscape === '') return value;
  const escaped = raise('100081', '22000', "'an escaped character'");
  const plain = format.nullIf.includes('\\N') ? `${column} <> '\\N' AND ` : '';
  return `CASE WHEN ${plain}contains(${column}, '\\') THEN ${escaped} ELSE ${value} END`;
}

/** DuckDB SQL of the file's documents as one JSON column. */
export function jsonRows(file: StagedFile, format: FileFormat): string {
  const options = [
    `format = '${format.stripOuterArray ? 'array' : 'unstructured'}'`,
    `compression = '${compressionOf(file, format.compression) === 'GZIP' ? 'gzip' : 'uncompressed'}'`,
    'maximum_object_size = 134217728',
  ];
  return `SELECT "json" AS "c0" FROM read_json_objects(${duckString(file.absolute)}, ${options.join(', ')}) AS "documents"("json")`;
}

export function parquetTable(file: StagedFile): string {
  return `read_parquet(${duckString(file.absolute)})`;
}

/** The records of a CSV or JSON file, read here. */
export function recordsOf(file: StagedFile, format: FileFormat): AsyncIterable<FileRecord> {
  const texts = decoded(file, format);
  return format.type === 'JSON' ? jsonRecords(texts, format.stripOuterArray) : csvRecords(texts, format);
}

/** The fields of the first record behind the header; none for a file without one. */
export async function firstRecord(file: StagedFile, format: FileFormat): Promise<FileRecord['fields']> {
  for await (const record of recordsOf(file, format)) return record.fields;
  return [];
}
