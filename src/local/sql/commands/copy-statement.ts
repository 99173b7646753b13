import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { invalidPrefix, locate, parseLocation, type StageLocation } from '../../engine/stages/stage-location.js';
import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { TokenCursor } from '../token-cursor.js';
import { parseNames } from './column-definitions.js';
import { type FormatOptions, optionValue, optionValues, parseFormatOptions } from './file-format.js';

/** What a file with errors does to the load. */
export type OnError =
  | { readonly action: 'ABORT_STATEMENT' | 'CONTINUE' }
  /** The file is left out once so many of its rows (or percent of them) have errors. */
  | { readonly action: 'SKIP_FILE'; readonly limit: number; readonly percent: boolean };

/** What VALIDATION_MODE asks for instead of a load. */
export type Validation = { readonly rows: number } | { readonly errors: 'first of each file' | 'all' };

/** COPY INTO a table, as written. */
export interface CopyStatement {
  readonly table: readonly string[];
  /** Empty: all, in their order. */
  readonly columns: readonly string[];
  readonly location: StageLocation;
  /** A query over the staged file, the location in it replaced by `STAGED_FILE`; undefined without a transformation. */
  readonly query?: string;
  readonly files?: readonly string[];
  readonly pattern?: string;
  readonly format: FormatOptions;
  readonly match?: 'CASE_SENSITIVE' | 'CASE_INSENSITIVE';
  readonly onError: OnError;
  readonly validation?: Validation;
  /** Bytes after which no further file is begun; 0 for no limit. */
  readonly sizeLimit: number;
  readonly truncate: boolean;
  readonly purge: boolean;
  readonly force: boolean;
  readonly failedOnly: boolean;
}

/** The name of the staged file in a transformation. */
export const STAGED_FILE = '@';

/** `INTO table [(columns)] FROM @stage | (SELECT … FROM @stage …) [options]`, behind COPY. */
export async function parseCopy(cursor: TokenCursor, context: CommandContext): Promise<CopyStatement> {
  cursor.expect('COPY', 'INTO');
  const table = cursor.name();
  const columns = cursor.isSymbol('(') ? parseNames(cursor) : [];
  const source = cursor.accept('FROM')
    ? cursor.isSymbol('(')
      ? await transformation(cursor, context)
      : { location: await parseLocation(cursor, context, 'COPY') }
    : { location: await locate(tableStage(table), context, 'COPY') };
  const { copyOptions } = source.location.stage ?? {};
  const standing = copyOptions === undefined ? NO_OPTIONS : parseOptions(new TokenCursor(copyOptions), NO_OPTIONS);
  return { table, columns, ...source, ...parseOptions(cursor, standing) };
}

/** The stage of a table, from which it is loaded where COPY names none. */
function tableStage(table: readonly string[]): string {
  const parts = table.map(quoteName);
  return `@${[...parts.slice(0, -1), `%${parts.at(-1)}`].join('.')}`;
}

async function transformation(
  cursor: TokenCursor,
  context: CommandContext,
): Promise<Pick<CopyStatement, 'location' | 'query'>> {
  const { text } = cursor.parenthesised();
  const inner = new TokenCursor(text);
  while (!inner.atEnd) {
    const token = inner.next();
    if (token.kind !== 'word' || token.value !== 'FROM') continue;
    const named = inner.peek();
    if (named.kind !== 'stage' && named.kind !== 'string') continue;
    const source = named.kind === 'stage' ? `@${named.value}` : named.value;
    if (!source.startsWith('@') && !/^file:/i.test(source)) throw invalidPrefix(source);
    const location = await locate(source, context, 'COPY');
    return { location, query: `${text.slice(0, named.start)}"${STAGED_FILE}"${text.slice(named.end)}` };
  }
  throw new LocalError(
    '001003',
    '42000',
    'SQL compilation error:\nCOPY takes a query of the form SELECT … FROM @stage.',
  );
}

type Options = Omit<CopyStatement, 'table' | 'columns' | 'location' | 'query'>;

const NO_OPTIONS: Options = {
  format: new Map(),
  onError: { action: 'ABORT_STATEMENT' },
  sizeLimit: 0,
  truncate: false,
  purge: false,
  force: false,
  failedOnly: false,
};

/** The options of a COPY on top of those of the stage. */
function parseOptions(cursor: TokenCursor, standing: Options): Options {
  let options = standing;
  while (!cursor.atEnd) {
    const key = cursor.identifier();
    cursor.expectSymbol('=');
    options = { ...options, ...optionOf(key, cursor) };
    cursor.acceptSymbol(',');
  }
  return options;
}

function optionOf(key: string, cursor: TokenCursor): Partial<Options> {
  switch (key) {
    case 'FILES':
      return { files: listOfTexts(cursor) };
    case 'PATTERN':
      return { pattern: cursor.stringLiteral() };
    case 'FILE_FORMAT':
      return { format: parseFormatOptions(cursor) };
    case 'PURGE':
    case 'FORCE':
      return { [key.toLowerCase()]: flag(key, cursor) };
    case 'TRUNCATECOLUMNS':
      return { truncate: flag(key, cursor) };
    case 'ENFORCE_LENGTH':
      return { truncate: !flag(key, cursor) };
    case 'RETURN_FAILED_ONLY':
      return { failedOnly: flag(key, cursor) };
    case 'LOAD_UNCERTAIN_FILES':
      flag(key, cursor);
      return {};
    case 'SIZE_LIMIT':
      return { sizeLimit: cursor.number() };
    case 'LOAD_MODE':
      optionValue(cursor);
      return {};
    case 'MATCH_BY_COLUMN_NAME': {
      const match = optionValue(cursor).toUpperCase();
      if (match === 'NONE') return {};
      if (match === 'CASE_SENSITIVE' || match === 'CASE_INSENSITIVE') return { match };
      throw invalidValue(key, match);
    }
    case 'ON_ERROR':
      return { onError: onErrorOf(wordsOf(cursor)) };
    case 'VALIDATION_MODE':
      return { validation: validationOf(optionValue(cursor).toUpperCase()) };
    case 'CREDENTIALS':
    case 'ENCRYPTION':
    case 'FILE_PROCESSOR':
    case 'INCLUDE_METADATA':
      optionValues(cursor);
      throw unsupported(`COPY option ${key}`);
    default:
      throw unsupported(`COPY option ${key}`);
  }
}

/** `SKIP_FILE_10%` comes as several tokens. */
function wordsOf(cursor: TokenCursor): string {
  const word = optionValue(cursor).toUpperCase();
  return cursor.acceptSymbol('%') ? `${word}%` : word;
}

function onErrorOf(word: string): OnError {
  if (word === 'ABORT_STATEMENT' || word === 'CONTINUE') return { action: word };
  const match = /^SKIP_FILE(?:_(\d+)(%?))?$/.exec(word);
  if (match === null) throw invalidValue('ON_ERROR', word);
  return { action: 'SKIP_FILE', limit: Number(match[1] ?? 1), percent: match[2] === '%' };
}

function validationOf(word: string): Validation {
  if (word === 'RETURN_ERRORS') return { errors: 'first of each file' };
  if (word === 'RETURN_ALL_ERRORS') return { errors: 'all' };
  const rows = /^RETURN_(\d+)_ROWS$/.exec(word)?.[1];
  if (rows === undefined) throw invalidValue('VALIDATION_MODE', word);
  return { rows: Number(rows) };
}

function invalidValue(key: string, value: string): LocalError {
  return new LocalError('001420', '42601', `SQL compilation error:\ninvalid value [${value}] for parameter '${key}'`);
}

export function flag(key: string, cursor: TokenCursor): boolean {
  const value = optionValue(cursor).toUpperCase();
  if (value !== 'TRUE' && value !== 'FALSE') throw invalidValue(key, value);
  return value === 'TRUE';
}

function listOfTexts(cursor: TokenCursor): string[] {
  const texts: string[] = [];
  cursor.expectSymbol('(');
  do texts.push(cursor.stringLiteral());
  while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return texts;
}
