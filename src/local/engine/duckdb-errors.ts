import { type Token, tokenize } from '../sql/lexer.js';
import { positionOf } from '../sql/syntax-error.js';
import { ValuesNeeded } from '../sql/values-needed.js';
import { LocalError } from './local-error.js';
import { misplacedCall } from './misplaced-calls.js';
import { cancelled, internalError, invalidIdentifier, showName } from './snowflake-errors.js';
import { StaleNames } from './stale-names.js';

/** Every error that DuckDB can raise, in Snowflake's numbers and words. The first rule that matches counts. */
interface Rule {
  readonly pattern: RegExp;
  /** `text` is what the caller sent, for errors that point into it. */
  readonly toError: (match: RegExpMatchArray, text: string) => LocalError;
}

const compile = (number: string, sqlState: string, text: string): LocalError =>
  new LocalError(number, sqlState, `SQL compilation error:\n${text}`);

const upper = (name: string | undefined): string => (name ?? '').replaceAll('"', '').toUpperCase();

const TYPE_NAMES: readonly [RegExp, string][] = [
  [/^TIMESTAMP WITH TIME ZONE/i, 'TIMESTAMP_LTZ'],
  [/^TIMESTAMP/i, 'TIMESTAMP_NTZ'],
  [/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?\d*|DECIMAL.*)/i, 'FIXED'],
  [/^(DOUBLE|FLOAT)/i, 'REAL'],
  [/^BOOL/i, 'BOOLEAN'],
  [/^BLOB/i, 'BINARY'],
  [/^(DATE|TIME)/i, ''],
];

const notRecognized = (what: string, value: string | undefined): LocalError => {
  const type = TYPE_NAMES.find(([pattern]) => pattern.test(what))?.[1] ?? what;
  const shown = value ?? '';
  if (type === 'FIXED' || type === 'REAL') {
    return new LocalError('100038', '22018', `Numeric value '${shown}' is not recognized`);
  }
  if (type === 'BOOLEAN') return new LocalError('100037', '22018', `Boolean value '${shown}' is not recognized`);
  if (type.startsWith('TIMESTAMP')) return new LocalError('100035', '22007', `Timestamp '${shown}' is not recognized`);
  if (/^DATE/i.test(what)) return new LocalError('100040', '22007', `Date '${shown}' is not recognized`);
  if (/^TIME/i.test(what)) return new LocalError('100108', '22007', `Time '${shown}' is not recognized`);
  return new LocalError('100071', '22000', `Failed to cast value '${shown}' to ${type || what}`);
};

/** How Snowflake names the storage of a number with so many digits: SB and its bytes. */
function storage(digits: number): string {
  const bytes = digits <= 2 ? 1 : digits <= 4 ? 2 : digits <= 9 ? 4 : digits <= 18 ? 8 : 16;
  return `SB${bytes}`;
}

/** A staged file that was there when its stage was listed and is gone when it is read. */
const fileGone = (path: string): LocalError =>
  new LocalError(
    '091016',
    '22000',
    `Remote file '${path.slice(path.lastIndexOf('/') + 1)}' was not found. There are several potential causes. The file might not exist. The required credentials may be missing or invalid. If you are running a copy command, please make sure files are not deleted when they are being loaded or files are not being loaded into two different tables concurrently with auto purge option.`,
  );

const RULES: readonly Rule[] = [
  { pattern: /INTERRUPT/i, toError: cancelled },
  {
    pattern:
      /ENOENT: no such file or directory, \w+ '([^']*)'|IO Error: (?:Cannot open file|No files found that match the pattern) "([^"]*)"/,
    toError: (m) => fileGone(m[1] ?? m[2] ?? ''),
  },
  {
    pattern: /No magic bytes found at end of file|too small to be a Parquet file/,
    toError: () =>
      new LocalError(
        '100152',
        '22000',
        'Error parsing the parquet file: Invalid: Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file.',
      ),
  },
  {
    pattern: /NOT NULL constraint failed: [^.]*\.(.+)$/im,
    toError: (m) => new LocalError('100072', '22000', `NULL result in a non-nullable column '${m[1]?.trim() ?? ''}'`),
  },
  {
    pattern: /(?:Referenced column|column) "(.+?)" (?:not found|does not exist)|does not have a column named "(.+?)"/i,
    toError: (m, text) => unknownName(m[1] ?? m[2] ?? '', text),
  },
  {
    pattern: /Referenced table "(.+?)" not found/i,
    toError: (m, text) => unknownName(m[1] ?? '', text),
  },
  {
    pattern: /Ambiguous reference to column name "(.+?)"/i,
    toError: (m) => compile('002028', '42601', `ambiguous column name '${upper(m[1])}'`),
  },
  {
    pattern: /(?:Scalar |Aggregate |Table |Macro )?Function with name "?(\w+)"? does not exist/i,
    toError: (m) => compile('002140', '42601', `Unknown function ${upper(m[1])}`),
  },
  {
    pattern:
      /No function matches the given name and argument types '(\w+)\((.*)\)'|Macro "?(\w+)"?\(?.*does not support/i,
    toError: (m) =>
      compile(
        '001044',
        '42P13',
        `error line 1 at position 7\nInvalid argument types for function '${upper(m[1] ?? m[3])}': (${m[2] ?? ''})`,
      ),
  },
  {
    pattern: /Cannot mix values of type (\S+).* and (\S+)|Cannot compare values of type (\S+).* and (?:type )?(\S+)/i,
    toError: (m) =>
      compile(
        '002001',
        '42601',
        `Can not convert parameter of type [${m[1] ?? m[3]}] into expected type [${m[2] ?? m[4]}]`,
      ),
  },
  {
    pattern: /column "?(.+?)"? must appear in the GROUP BY clause/i,
    toError: (m, text) => notGrouped(m[1] ?? '', text),
  },
  {
    pattern: /Subquery returns (\d+) columns - expected (\d+)/i,
    toError: (m) =>
      compile('001789', '42601', `invalid number of columns in a subquery, expected ${m[2]}, got ${m[1]}`),
  },
  {
    pattern: /at least one window function must appear in the SELECT column or QUALIFY/i,
    toError: () => compile('002038', '42601', 'QUALIFY needs a window function in it or in the select list.'),
  },
  {
    pattern: /aggregate function calls cannot be nested|cannot contain aggregates/i,
    toError: () => compile('002077', '42601', 'Aggregate functions cannot be used here.'),
  },
  {
    pattern:
      /expected (\d+) (?:columns|values)|has (\d+) columns but (\d+) values were supplied|(\d+) columns available but (\d+)/i,
    toError: (m) => {
      const want = m[2] ?? m[1] ?? m[4] ?? '?';
      const got = m[3] ?? m[5] ?? '?';
      return compile(
        '002020',
        '21S01',
        `Insert value list does not match column list expecting ${want} but got ${got}`,
      );
    },
  },
  {
    pattern: /(?:More than one row returned by a subquery|Scalar subquery can only return a single row)/i,
    toError: () => new LocalError('090150', '22000', 'Single-row subquery returns more than one row.'),
  },
  {
    pattern: /division by zero|divide by zero/i,
    toError: () => new LocalError('100051', '22012', 'Division by zero'),
  },
  {
    pattern: /date field value out of range: "(.*?)"|invalid date field format: "(.*?)"/i,
    toError: (m) => notRecognized('DATE', m[1] ?? m[2]),
  },
  {
    pattern: /(?:invalid )?timestamp field (?:value out of range|format)?:? "(.*?)"/i,
    toError: (m) => notRecognized('TIMESTAMP', m[1]),
  },
  {
    pattern: /time field value out of range: "(.*?)"/i,
    toError: (m) => notRecognized('TIME', m[1]),
  },
  {
    pattern: /Could not parse string "(.*?)" according to format specifier "(.*?)"/i,
    toError: (m) =>
      new LocalError('100096', '22007', `Can't parse '${m[1] ?? ''}' as date with format '${m[2] ?? ''}'`),
  },
  {
    pattern: /Casting value "(.+?)" to type DECIMAL\((\d+),\s*(\d+)\) failed: value is out of range/i,
    toError: (m) =>
      new LocalError(
        '100046',
        '22003',
        `Number out of representable range: type FIXED[${storage(Number(m[2]))}](${m[2]},${m[3]}){nullable}, value ${m[1]}`,
      ),
  },
  {
    pattern: /Could not cast value (\S+) to DECIMAL\((\d+),\s*(\d+)\)/i,
    toError: (m) =>
      new LocalError(
        '100046',
        '22003',
        `Number out of representable range: type FIXED[${storage(Number(m[2]))}](${m[2]},${m[3]}){nullable}, value ${(m[1] ?? '').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')}`,
      ),
  },
  {
    pattern: /Could not convert string ["'](\s*[+-]?\d+(?:\.\d*)?\s*)["'] to DECIMAL/i,
    toError: (m) => new LocalError('100039', '22003', `Numeric value '${m[1]}' is out of range`),
  },
  {
    pattern: /Could not convert string ["'](.*?)["'] to (.+)/i,
    toError: (m) => notRecognized(m[2] ?? '', m[1]),
  },
  {
    pattern: /value (.+?) is out of range|Type .* with value (.+?) can't be cast/i,
    toError: (m) => new LocalError('100039', '22003', `Numeric value '${m[1] ?? m[2] ?? ''}' is out of range`),
  },
  {
    pattern: /(\w+) is undefined outside/i,
    toError: (m) =>
      new LocalError(
        '100046',
        '22003',
        `Invalid floating point operation: ${(m[1] ?? '').toLowerCase()} is out of its domain`,
      ),
  },
  {
    pattern:
      /(?:Invalid (?:Input )?)?Error: (missing [\])]|unexpected \)|trailing \\|no argument for repetition operator|bad repetition operator|invalid (?:escape sequence|character class|character class range|repetition size|perl operator|named capture group))(?:: ([^\n]*))?/i,
    toError: (m) =>
      new LocalError('100048', '2201B', `Invalid regular expression: '${m[2] ?? ''}', ${m[1] ?? ''}: ${m[2] ?? ''}`),
  },
  {
    pattern: /cannot take (square root|logarithm)/i,
    toError: (m) =>
      new LocalError('100046', '22003', `Invalid floating point operation: ${m[1] === 'logarithm' ? 'log' : 'sqrt'}`),
  },
  {
    pattern: /Invalid escape string/i,
    toError: () => new LocalError('100048', '22025', 'Invalid escape: it must be one character.'),
  },
  {
    pattern: /Could not decode string "([\s\S]*?)" as base64/i,
    toError: (m) =>
      new LocalError('100114', '22000', `The following string is not a legal base64-encoded value: '${m[1] ?? ''}'`),
  },
  {
    pattern: /Failure in decode: could not convert blob to UTF8/i,
    toError: () => new LocalError('100072', '22000', 'The bytes are no text in UTF-8.'),
  },
  {
    pattern: /Unknown TimeZone '(.*?)'/i,
    toError: (m) => new LocalError('100293', '22007', `Unknown time zone: '${m[1] ?? ''}'`),
  },
  {
    pattern: /GROUPING (?:statement|child|function)/i,
    toError: () => compile('000979', '42601', 'the argument of GROUPING is not in the group by clause.'),
  },
  {
    pattern: /(?:Overflow|Out of Range Error)/i,
    toError: () => new LocalError('100046', '22003', 'Number out of representable range'),
  },
  {
    pattern: /Malformed JSON|Invalid Input Error: .*json/i,
    toError: () => new LocalError('100069', '22P02', 'Error parsing JSON: malformed document'),
  },
  {
    pattern: /Invalid Input Error: (\d{6})\/(\w{5}): ([^\n]*)/i,
    toError: (m) => new LocalError(m[1] ?? '', m[2] ?? '', m[3] ?? ''),
  },
  {
    pattern: /Unimplemented type for cast|Unimplemented Error|Not implemented Error: (.*)/i,
    toError: () => new LocalError('000002', '0A000', 'Unsupported feature in the local Snowflake.'),
  },
  {
    pattern: /Values were not provided for the following prepared statement parameters/i,
    toError: () => compile('002049', '42601', 'Bind variable not set.'),
  },
  {
    pattern: /Parser Error: syntax error at (?:or near "(.*?)"|end of input)/i,
    toError: (m) => compile('001003', '42000', `syntax error line 1 at position 0 unexpected '${m[1] ?? '<EOF>'}'.`),
  },
  {
    pattern: /Out of Memory Error|No space left on device/i,
    toError: () =>
      new LocalError(
        '000603',
        '57014',
        'The local Snowflake ran out of memory or disk space. Let the statement read or sort less, or give it more (MCP_SNOW_LOCAL_MEMORY_MIB, MCP_SNOW_LOCAL_TEMPORARY_DISK_MIB).',
      ),
  },
];

/**
 * Messages that functions of ours raise on purpose stand first: `NNNNNN/SSSSS: text`, without a quotation mark that is joined to
 * something, as the SQL has it that raises them and that DuckDB may show in front of them.
 */
const OWN_ERROR = /(\d{6})\/(\w{5}): ((?:(?!''' \|\|)[^\n])*)$/m;

export function fromDuckDb(error: unknown, text = ''): LocalError {
  if (error instanceof LocalError) return error;
  if (error instanceof ValuesNeeded)
    return new LocalError('000002', '0A000', "Unsupported feature 'PIVOT with ANY or a subquery in this place'.");
  if (error instanceof StaleNames)
    return new LocalError('000603', '40001', 'The objects that the statement names keep changing. Run it again.');
  const message = error instanceof Error ? error.message : String(error);
  const own = OWN_ERROR.exec(message);
  if (own !== null) {
    const told = own[3] ?? '';
    const bracketed = message.slice(0, own.index).endsWith('(Error: ') && told.endsWith(')');
    return new LocalError(own[1] ?? '', own[2] ?? '', bracketed ? told.slice(0, -1) : told);
  }
  const misplaced = misplacedCall(message, text);
  if (misplaced !== undefined) return misplaced;
  for (const rule of RULES) {
    const match = rule.pattern.exec(message);
    if (match !== null) return rule.toError(match, text);
  }
  if (/^(Binder|Catalog|Parser) Error/.test(message)) {
    return compile('001003', '42000', 'the statement could not be compiled by the local Snowflake.');
  }
  if (/^(Conversion|Invalid Input) Error/.test(message)) {
    return new LocalError('100071', '22000', 'Failed to convert a value to the type that was asked for');
  }
  return internalError('the local Snowflake could not run the statement.');
}

function unknownName(name: string, text: string): LocalError {
  const { shown, at } = written(name, text);
  return invalidIdentifier(shown, at);
}

function notGrouped(name: string, text: string): LocalError {
  const { shown, at } = written(name, text);
  const place = at === undefined ? '' : ` error line ${at.line} at position ${at.position}`;
  const message = `SQL compilation error:${place}\n'${shown}' in select clause is neither an aggregate nor in the group by clause.`;
  return new LocalError('000979', '42601', message, at);
}

/** The name as the caller wrote it (`T.NOSUCH`), and where. */
function written(name: string, text: string): { readonly shown: string; readonly at?: ReturnType<typeof positionOf> } {
  const tokens = tokensOf(text);
  const found = tokens.findIndex(
    (token, i) =>
      (token.kind === 'word' || token.kind === 'quoted') &&
      token.value.toLowerCase() === name.toLowerCase() &&
      tokens[i + 1]?.value !== '(',
  );
  if (found < 0) return { shown: showName([name]) };
  let first = found;
  while (tokens[first - 1]?.value === '.' && tokens[first - 2] !== undefined) first -= 2;
  let last = found;
  while (tokens[last + 1]?.value === '.' && tokens[last + 2] !== undefined) last += 2;
  const parts = tokens.slice(first, last + 1).filter((_, i) => i % 2 === 0);
  return { shown: showName(parts.map(({ value }) => value)), at: positionOf(text, tokens[first]?.start ?? 0) };
}

function tokensOf(text: string): readonly Token[] {
  try {
    return tokenize(text);
  } catch {
    return [];
  }
}

/** Another transaction was first; the same work may succeed when it is done again on what that one left. */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && /TransactionContext Error: .*conflict|Conflict on/i.test(error.message);
}

/** A transaction that is still open has made something in the same schema. */
export function isCatalogConflict(error: unknown): boolean {
  return error instanceof Error && /TransactionContext Error: Catalog write-write conflict/i.test(error.message);
}
