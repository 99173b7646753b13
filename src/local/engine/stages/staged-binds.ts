import type { CommandContext } from '../command.js';
import type { BindValue } from '../engine.js';
import { LocalError } from '../local-error.js';
import { decoded } from './decompress.js';
import { type CsvDialect, csvRecords } from './file-records.js';
import type { StagedFile } from './stage-files.js';
import { locate } from './stage-location.js';

/** As drivers write them: an empty field is NULL, an enclosed one a text, whatever is in it. */
const DIALECT: CsvDialect = {
  delimiter: ',',
  recordDelimiter: '\n',
  quote: '"',
  escape: '',
  unenclosedEscape: '',
  skipHeader: 0,
  skipBlankLines: false,
  trimSpace: false,
  nullIf: [],
  emptyAsNull: true,
};

const FORMAT = { compression: 'AUTO', encoding: 'utf-8', replaceInvalid: false } as const;

/**
 * Array binds that a driver has put into CSV files of a stage, because they are many: file by file, a row for each record, as
 * texts. `location` is where they lie (`@SYSTEM$BIND/…`). Throws `LocalError` 002049 where there are none or a record has
 * more or fewer fields than the first, and what `locate` throws.
 */
export async function stagedBinds(
  location: string,
  context: CommandContext,
): Promise<Readonly<Record<string, BindValue>>> {
  const { key, path } = await locate(location, context, 'SELECT');
  const files = await context.stages.list(key, path === '' ? '' : `${path.replace(/\/$/, '')}/`);
  if (files.length === 0) throw invalid(`There are no binds in ${location}.`);
  const columns: (string | null)[][] = [];
  for (const file of files.sort((a, b) => numberOf(a) - numberOf(b))) {
    for await (const { fields, line } of csvRecords(decoded(file, FORMAT), DIALECT)) {
      if (columns.length === 0) for (const _ of fields) columns.push([]);
      if (fields.length !== columns.length) {
        throw invalid(`Line ${line} of ${file.path} has ${fields.length} binds instead of ${columns.length}.`);
      }
      for (const [i, field] of fields.entries()) columns[i]?.push(field);
    }
  }
  return Object.fromEntries(columns.map((value, i) => [String(i + 1), { type: 'TEXT', value }]));
}

/** Drivers number the files: `1`, `2.gz`, …, `10`. */
function numberOf({ path }: StagedFile): number {
  return Number.parseInt(path.slice(path.lastIndexOf('/') + 1), 10) || 0;
}

function invalid(text: string): LocalError {
  return new LocalError('002049', '22023', text);
}
