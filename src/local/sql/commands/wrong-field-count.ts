import { LocalError } from '../../engine/local-error.js';

/** 100080 / 22000: a record has other fields than the table has columns. */
export function wrongFieldCount(inFile: number, inTable: number): LocalError {
  return new LocalError(
    '100080',
    '22000',
    `Number of columns in file (${inFile}) does not match that of the corresponding table (${inTable}), use file format option error_on_column_count_mismatch=false to ignore this error`,
  );
}
