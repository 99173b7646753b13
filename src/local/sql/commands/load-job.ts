import type { TableEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { invalidIdentifier } from '../../engine/snowflake-errors.js';
import { loadedFiles } from '../../engine/stages/load-records.js';
import { md5Of, type StagedFile } from '../../engine/stages/stage-files.js';
import { unsupported } from '../syntax-error.js';
import type { CopyStatement } from './copy-statement.js';
import { loadPlan } from './load-plan.js';
import { formatFor } from './named-format.js';
import { filesAt } from './staged-files.js';

/** One COPY INTO a table, its names resolved when the catalog had made `resolvedAt` changes. */
export interface LoadJob {
  readonly copy: CopyStatement;
  readonly entry: TableEntry;
  readonly resolvedAt: number;
  /** For copies of files, removed when the load ends. */
  readonly directory: string;
  readonly context: CommandContext;
}

export interface ChosenFile {
  readonly file: StagedFile;
  readonly md5: string;
}

/** The files of FILES or PATTERN up to SIZE_LIMIT, without those that were loaded before. */
export async function filesToLoad(
  copy: CopyStatement,
  table: TableEntry,
  context: CommandContext,
): Promise<readonly ChosenFile[]> {
  // A format that does not exist is told even where there is nothing to load.
  formatFor(copy.format, copy.location.stage, context);
  const there = await filesAt(copy.location, copy.pattern, context);
  const files = copy.files === undefined ? there : copy.files.map((name) => listed(name, copy, there));
  const done = await loadedFiles(context.connection, table.id, context.now);
  const wanted: ChosenFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (copy.sizeLimit > 0 && bytes >= copy.sizeLimit) break;
    if (/[*?[\]]/.test(file.path)) throw unsupported(`a file name with one of * ? [ ], '${file.path}'`);
    const md5 = await md5Of(file);
    if (!copy.force && copy.validation === undefined && done.has(`${keyOf(copy, file)}/${md5}`)) continue;
    wanted.push({ file, md5 });
    bytes += file.bytes;
  }
  return wanted;
}

function listed(name: string, copy: CopyStatement, there: readonly StagedFile[]): StagedFile {
  const { path } = copy.location;
  const wanted = path === '' || path.endsWith('/') ? `${path}${name}` : `${path}/${name}`;
  const file = there.find((candidate) => candidate.path === wanted);
  if (file !== undefined) return file;
  throw new LocalError(
    '100016',
    '22000',
    `Remote file '${copy.location.shown}${wanted}' was not found. LIST shows the files of a stage.`,
  );
}

/** A file in the memory of loads: its stage's folder and its path. */
export function keyOf(copy: CopyStatement, file: StagedFile): string {
  return `${copy.location.key}/${file.path}`;
}

/** How the rows of a file are read for the table's columns; `detailed`: each row with its place in the file. */
export async function planOf({ copy, entry, directory, context }: LoadJob, file: StagedFile, detailed: boolean) {
  const targets =
    copy.columns.length === 0
      ? entry.columns.filter(({ expression }) => expression === undefined)
      : copy.columns.map((name) => {
          const found = entry.columns.find((candidate) => candidate.name === name);
          if (found === undefined) throw invalidIdentifier(name);
          return found;
        });
  const format = formatFor(copy.format, copy.location.stage, context);
  return await loadPlan({ file, copy, format, targets, context, detailed, directory });
}
