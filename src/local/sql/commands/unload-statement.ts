import type { CommandContext } from '../../engine/command.js';
import { parseLocation, type StageLocation } from '../../engine/stages/stage-location.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { flag } from './copy-statement.js';
import { type FormatOptions, optionValue, parseFormatOptions } from './file-format.js';

/** COPY INTO a stage, as written. */
export interface UnloadStatement {
  readonly location: StageLocation;
  /** A query; of a table `SELECT * FROM` it. */
  readonly query: string;
  readonly partitionBy?: string;
  readonly format: FormatOptions;
  readonly header: boolean;
  readonly overwrite: boolean;
  readonly single: boolean;
  /** Bytes of one file before compression. */
  readonly maxFileSize: number;
  readonly detailed: boolean;
  readonly includeQueryId: boolean;
  /** VALIDATION_MODE = RETURN_ROWS: the rows come back instead. */
  readonly returnRows: boolean;
}

const DEFAULT_FILE_SIZE = 16 * 1024 * 1024;

/** `COPY INTO @stage FROM table | (query) [PARTITION BY expr] [options]`. */
export async function parseUnload(cursor: TokenCursor, context: CommandContext): Promise<UnloadStatement> {
  cursor.expect('COPY', 'INTO');
  const location = await parseLocation(cursor, context, 'COPY', 'WRITE');
  cursor.expect('FROM');
  const query = cursor.isSymbol('(') ? cursor.parenthesised().text : tableQuery(cursor);
  let statement: UnloadStatement = {
    location,
    query,
    format: new Map(),
    header: false,
    overwrite: false,
    single: false,
    maxFileSize: DEFAULT_FILE_SIZE,
    detailed: false,
    includeQueryId: false,
    returnRows: false,
  };
  while (!cursor.atEnd) {
    if (cursor.accept('PARTITION', 'BY')) {
      statement = { ...statement, partitionBy: cursor.parenthesised().text };
      continue;
    }
    const key = cursor.identifier();
    if (key === 'HEADER' && !cursor.isSymbol('=')) {
      statement = { ...statement, header: true };
      continue;
    }
    cursor.expectSymbol('=');
    statement = { ...statement, ...optionOf(key, cursor) };
    cursor.acceptSymbol(',');
  }
  return statement;
}

function tableQuery(cursor: TokenCursor): string {
  const { start } = cursor.peek();
  cursor.name();
  return `SELECT * FROM ${cursor.text.slice(start, cursor.tokens[cursor.index - 1]?.end)}`;
}

function optionOf(key: string, cursor: TokenCursor): Partial<UnloadStatement> {
  switch (key) {
    case 'FILE_FORMAT':
      return { format: parseFormatOptions(cursor) };
    case 'HEADER':
      return { header: flag(key, cursor) };
    case 'OVERWRITE':
      return { overwrite: flag(key, cursor) };
    case 'SINGLE':
      return { single: flag(key, cursor) };
    case 'MAX_FILE_SIZE':
      return { maxFileSize: Math.max(1, cursor.number()) };
    case 'DETAILED_OUTPUT':
      return { detailed: flag(key, cursor) };
    case 'INCLUDE_QUERY_ID':
      return { includeQueryId: flag(key, cursor) };
    case 'VALIDATION_MODE':
      if (optionValue(cursor).toUpperCase() !== 'RETURN_ROWS') throw unsupported('this VALIDATION_MODE');
      return { returnRows: true };
    default:
      throw unsupported(`COPY option ${key}`);
  }
}
