import type { RoutineArgument, RoutineEntry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { statusRow } from '../../engine/result-table.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { parseDataType } from '../grammar/data-types.js';
import { parseExpressionText, parseQueryText } from '../grammar/statements.js';
import { tokenize } from '../lexer.js';
import { parseScript } from '../scripting/parse-script.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { parseCreate } from './create-prefix.js';
import { signatureOf } from './routine-signature.js';

const LABELS = { function: 'Function', procedure: 'Procedure' } as const;

/** CREATE [OR REPLACE] [SECURE] FUNCTION | PROCEDURE name (arguments) RETURNS … LANGUAGE SQL | JAVASCRIPT AS body. */
export const createRoutine: Command = async (cursor, context) => {
  const kind = context.statement.keywords.includes('FUNCTION') ? 'function' : 'procedure';
  const create = parseCreate(cursor, kind.toUpperCase());
  if (create.temporary) throw unsupported(`CREATE TEMPORARY ${kind.toUpperCase()}`);
  const place = context.names.writablePlace(cursor.name(), `CREATE ${kind.toUpperCase()}`);
  const parameters = parseArguments(cursor);
  const definition = parseDefinition(cursor, kind, context.state.parameters.text('TIMESTAMP_TYPE_MAPPING'));
  cursor.acceptSymbol(';');
  cursor.expectEnd();
  const entry: RoutineEntry = {
    ...definition,
    kind,
    id: context.newId(),
    parent: place.schema.id,
    name: signatureOf(place.name, parameters),
    routine: place.name,
    arguments: parameters,
    createdAt: context.now,
    owner: context.state.context.role ?? 'ACCOUNTADMIN',
    secure: create.secure,
  };
  const table = await context.change({
    work: async (edit) => {
      const existing = context.names.catalog.find(place.schema.id, kind, entry.name);
      if (existing !== undefined) {
        if (create.ifNotExists) return statusRow(`${place.name} already exists, statement succeeded.`);
        if (!create.orReplace) throw alreadyExists(place.name);
        edit.drop(existing, context.now);
      }
      edit.put(entry);
      return statusRow(`${LABELS[kind]} ${place.name} successfully created.`);
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

/** `(name type [DEFAULT …], …)`. */
export function parseArguments(cursor: TokenCursor): RoutineArgument[] {
  const parameters: RoutineArgument[] = [];
  cursor.expectSymbol('(');
  if (cursor.acceptSymbol(')')) return parameters;
  do {
    const name = cursor.identifier();
    if (cursor.acceptOneOf('OUT', 'INOUT') !== undefined) throw unsupported('an output argument');
    cursor.accept('IN');
    const type = parseDataType(cursor);
    const text = cursor.accept('DEFAULT') ? cursor.textUntil([',', ')']).text : undefined;
    parameters.push({ name, type, ...(text === undefined ? {} : { default: text }) });
  } while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return parameters;
}

type Definition = Omit<
  RoutineEntry,
  'kind' | 'id' | 'parent' | 'name' | 'routine' | 'arguments' | 'createdAt' | 'owner' | 'secure'
>;

/** `RETURNS … LANGUAGE … AS body`. */
export function parseDefinition(cursor: TokenCursor, kind: RoutineEntry['kind'], timestampType: string): Definition {
  cursor.accept('COPY', 'GRANTS');
  cursor.expect('RETURNS');
  const returned = parseReturns(cursor);
  const properties = parseProperties(cursor);
  cursor.expect('AS');
  const written = parseBody(cursor);
  // A query or expression may end like a statement; a block and JavaScript are left as they are.
  const isText = kind === 'function' && properties.language === 'SQL' && written.endsWith(';');
  const body = isText ? written.slice(0, -1).trimEnd() : written;
  const definition = { ...returned, ...properties, body };
  if (definition.language === 'SQL') {
    if (kind === 'procedure') parseScript(body, timestampType);
    else if (definition.table !== undefined || isQuery(body)) parseQueryText(body, timestampType);
    else parseExpressionText(body, timestampType);
  }
  return definition;
}

function parseReturns(cursor: TokenCursor): Pick<RoutineEntry, 'returns' | 'table' | 'notNull'> {
  const variant: SnowflakeType = { name: 'VARIANT' };
  if (cursor.accept('TABLE')) {
    const table: RoutineArgument[] = [];
    cursor.expectSymbol('(');
    if (!cursor.acceptSymbol(')')) {
      do table.push({ name: cursor.identifier(), type: parseDataType(cursor) });
      while (cursor.acceptSymbol(','));
      cursor.expectSymbol(')');
    }
    return { returns: variant, table, notNull: false };
  }
  const returns = parseDataType(cursor);
  const notNull = cursor.accept('NOT', 'NULL');
  if (!notNull) cursor.accept('NULL');
  return { returns, notNull };
}

type Properties = Pick<RoutineEntry, 'language' | 'strict' | 'memoizable' | 'volatility' | 'executeAs' | 'comment'>;

function parseProperties(cursor: TokenCursor): Properties {
  let properties: Properties = {
    language: 'SQL',
    strict: false,
    memoizable: false,
    volatility: '',
    executeAs: 'OWNER',
    comment: '',
  };
  while (!cursor.isKeyword('AS')) {
    if (cursor.accept('LANGUAGE')) properties = { ...properties, language: parseLanguage(cursor) };
    else if (cursor.accept('CALLED', 'ON', 'NULL', 'INPUT')) properties = { ...properties, strict: false };
    else if (cursor.accept('RETURNS', 'NULL', 'ON', 'NULL', 'INPUT') || cursor.accept('STRICT')) {
      properties = { ...properties, strict: true };
    } else if (cursor.accept('MEMOIZABLE')) properties = { ...properties, memoizable: true };
    else if (cursor.accept('EXECUTE', 'AS')) {
      cursor.accept('RESTRICTED');
      const who = cursor.acceptOneOf('OWNER', 'CALLER');
      if (who === undefined) throw cursor.error();
      properties = { ...properties, executeAs: who as 'OWNER' | 'CALLER' };
    } else {
      const volatility = cursor.acceptOneOf('VOLATILE', 'IMMUTABLE');
      if (volatility !== undefined) properties = { ...properties, volatility: volatility as 'VOLATILE' | 'IMMUTABLE' };
      else if (cursor.isKeyword('COMMENT')) {
        properties = { ...properties, comment: commentOf(cursor) };
      } else if (cursor.peek().kind === 'word' && cursor.isSymbol('=', 1)) {
        throw unsupported(`${cursor.peek().value} of a function`);
      } else throw cursor.error();
    }
  }
  return properties;
}

function commentOf(cursor: TokenCursor): string {
  cursor.expect('COMMENT');
  cursor.acceptSymbol('=');
  return cursor.stringLiteral();
}

function parseLanguage(cursor: TokenCursor): RoutineEntry['language'] {
  const language = cursor.identifier();
  if (language === 'SQL' || language === 'JAVASCRIPT') return language;
  throw unsupported(`LANGUAGE ${language}`);
}

/** The body in quotes, in `$$`, or written out as a block. */
function parseBody(cursor: TokenCursor): string {
  const quoted = cursor.stringIf();
  return (quoted ?? cursor.rest().text).trim();
}

function isQuery(body: string): boolean {
  const first = tokenize(body).find((token) => token.value !== '(');
  return first?.kind === 'word' && ['SELECT', 'WITH', 'VALUES'].includes(first.value);
}
