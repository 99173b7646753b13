import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { invalidPrefix, locate, parseLocation, type StageLocation } from '../../engine/stages/stage-location.js';
import { unsupported } from '../syntax-error.js';
import { TokenCursor } from '../token-cursor.js';
import { parseNames } from './column-definitions.js';
import { type FormatOptions, optionValue, parseFormatOptions } from './file-format.js';

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
  readonly purge: boolean;
  readonly force: boolean;
}

/** The name of the staged file in a transformation. */
export const STAGED_FILE = '@';

/** `INTO table [(columns)] FROM @stage | (SELECT … FROM @stage …) [options]`, behind COPY. */
export function parseCopy(cursor: TokenCursor, context: CommandContext): CopyStatement {
  cursor.expect('COPY', 'INTO');
  if (cursor.peek().kind === 'stage' || cursor.peek().kind === 'string') throw unsupported('COPY INTO a location');
  const table = cursor.name();
  const columns = cursor.isSymbol('(') ? parseNames(cursor) : [];
  cursor.expect('FROM');
  const source = cursor.isSymbol('(')
    ? transformation(cursor, context)
    : { location: parseLocation(cursor, context, 'COPY') };
  return { table, columns, ...source, ...parseOptions(cursor) };
}

function transformation(cursor: TokenCursor, context: CommandContext): Pick<CopyStatement, 'location' | 'query'> {
  const { text } = cursor.parenthesised();
  const inner = new TokenCursor(text);
  while (!inner.atEnd) {
    const token = inner.next();
    if (token.kind !== 'word' || token.value !== 'FROM') continue;
    const named = inner.peek();
    if (named.kind !== 'stage' && named.kind !== 'string') continue;
    const source = named.kind === 'stage' ? `@${named.value}` : named.value;
    if (!source.startsWith('@')) throw invalidPrefix(source);
    const location = locate(source, context, 'COPY');
    return { location, query: `${text.slice(0, named.start)}"${STAGED_FILE}"${text.slice(named.end)}` };
  }
  throw new LocalError(
    '001003',
    '42000',
    'SQL compilation error:\nCOPY takes a query of the form SELECT … FROM @stage.',
  );
}

type Options = Pick<CopyStatement, 'files' | 'pattern' | 'format' | 'match' | 'purge' | 'force'>;

function parseOptions(cursor: TokenCursor): Options {
  let options: Options = { format: new Map(), purge: false, force: false };
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
    case 'MATCH_BY_COLUMN_NAME': {
      const match = optionValue(cursor).toUpperCase();
      if (match === 'NONE') return {};
      if (match === 'CASE_SENSITIVE' || match === 'CASE_INSENSITIVE') return { match };
      throw unsupported(`${key} = ${match}`);
    }
    case 'ON_ERROR': {
      const action = optionValue(cursor).toUpperCase();
      if (action !== 'ABORT_STATEMENT') throw unsupported(`ON_ERROR = ${action}`);
      return {};
    }
    default:
      throw unsupported(`COPY option ${key}`);
  }
}

function flag(key: string, cursor: TokenCursor): boolean {
  const value = optionValue(cursor).toUpperCase();
  if (value !== 'TRUE' && value !== 'FALSE') throw unsupported(`${key} = ${value}`);
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
