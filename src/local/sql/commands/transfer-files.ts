import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import type { FileTransfer } from '../../engine/engine.js';
import { LocalError } from '../../engine/local-error.js';
import { column } from '../../engine/result-table.js';
import { parseLocation, type StageLocation } from '../../engine/stages/stage-location.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { optionValue } from './file-format.js';
import { filesAt } from './staged-files.js';

const NOTHING = { columns: [column('status')], rows: [] };

/** PUT 'file://…' @stage [AUTO_COMPRESS = …] [SOURCE_COMPRESSION = …] [PARALLEL = n] [OVERWRITE = …]: the driver copies the files. */
export const putFiles: Command = async (cursor, context) => {
  cursor.expect('PUT');
  const source = filePath(cursor);
  const location = await parseLocation(cursor, context, 'PUT', 'WRITE');
  const options = transferOptions(cursor, ['AUTO_COMPRESS', 'SOURCE_COMPRESSION', 'PARALLEL', 'OVERWRITE']);
  const root = await context.stages.make(location.key);
  return transferring({
    command: 'UPLOAD',
    src_locations: [source],
    autoCompress: (options.get('AUTO_COMPRESS') ?? 'TRUE').toUpperCase() === 'TRUE',
    sourceCompression: (options.get('SOURCE_COMPRESSION') ?? 'AUTO_DETECT').toLowerCase(),
    overwrite: (options.get('OVERWRITE') ?? 'FALSE').toUpperCase() === 'TRUE',
    parallel: Number(options.get('PARALLEL') ?? 4),
    stageInfo: stageInfo(location.path === '' ? root : `${root}/${location.path.replace(/\/$/, '')}`),
  });
};

/** GET @stage[/path] 'file://directory/' [PATTERN = '…'] [PARALLEL = n]. */
export const getFiles: Command = async (cursor, context) => {
  cursor.expect('GET');
  const location = await parseLocation(cursor, context, 'GET');
  const target = filePath(cursor);
  const options = transferOptions(cursor, ['PATTERN', 'PARALLEL']);
  const files = await filesAt(location, options.get('PATTERN'), context);
  return transferring({
    command: 'DOWNLOAD',
    src_locations: files.map(({ path }) => path),
    localLocation: target,
    parallel: Number(options.get('PARALLEL') ?? 10),
    stageInfo: stageInfo(stageRoot(location, context)),
  });
};

function stageRoot(location: StageLocation, context: CommandContext): string {
  return context.stages.directory(location.key);
}

function transferring(transfer: FileTransfer) {
  return { statementTypeId: STATEMENT_TYPE.transfer, table: NOTHING, transfer };
}

/** Drivers copy to and from a folder of this machine themselves. */
function stageInfo(location: string): FileTransfer['stageInfo'] {
  return { locationType: 'LOCAL_FS', location, path: '', region: '', creds: {} };
}

function filePath(cursor: TokenCursor): string {
  const token = cursor.next();
  const match = /^file:\/\/(.+)$/is.exec(token.kind === 'path' || token.kind === 'string' ? token.value : '');
  if (match?.[1] !== undefined) return match[1];
  throw token.kind === 'string'
    ? new LocalError(
        '001011',
        '42601',
        `SQL compilation error:\ninvalid URL prefix found in: '${token.value}'; a local file is written file:///path`,
      )
    : cursor.error(token);
}

function transferOptions(cursor: TokenCursor, known: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  while (!cursor.atEnd) {
    const key = cursor.identifier();
    if (!known.includes(key)) throw unsupported(`option ${key}`);
    cursor.expectSymbol('=');
    options.set(key, optionValue(cursor));
  }
  return options;
}
