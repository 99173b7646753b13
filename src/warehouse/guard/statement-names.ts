import { splitAt } from './classify.js';
import { type Token, tokenize } from './lexer.js';
import { isSymbol, isWord, nameAt, unplaced } from './name-tokens.js';
import { type NamedObject, namesInQuery } from './object-names.js';

/** What one statement names, for whoever may use some objects only. */
export interface StatementNames {
  readonly objects: readonly NamedObject[];
  /** The schema in which a new view's own unqualified names are sought, beside the session's. */
  readonly viewIn?: readonly string[];
}

type Tokens = readonly Token[];

/** Parts of a table's or view's definition that bring other objects in by name. */
const FOREIGN_CLAUSES = [
  ...['TAG', 'POLICY', 'STAGE', 'TEMPLATE', 'FILE_FORMAT', 'COPY', 'GRANTS', 'FUNCTION', 'PROCEDURE', 'EXTERNAL'],
  ...['LOCATION', 'CATALOG', 'BASE_LOCATION', 'EXTERNAL_VOLUME', 'INTEGRATION', 'CONTACT', 'WAREHOUSE', 'FROM'],
];

/** Words between CREATE and what is created that change nothing about its objects. */
const CREATE_OPTIONS = ['OR', 'REPLACE', 'TEMP', 'TEMPORARY', 'TRANSIENT', 'SECURE'];

const QUERIES = ['SELECT', 'WITH', 'VALUES', 'INSERT', 'DELETE', 'MERGE'];

/**
 * Every object that a statement (which the guard has let through) may name. Fails closed: throws `STATEMENT_NOT_ALLOWED`
 * for statements whose objects cannot all be seen.
 */
export function namesOfStatement(sql: string): StatementNames {
  const tokens = statementTokens(sql);
  const chain = tokens.find((token) => isSymbol(token, '->>'));
  if (chain !== undefined) throw unplaced('a ->> chain passes results on', chain);
  return namesOf(tokens);
}

/** Role and warehouse of a USE statement; nothing for all others. */
export function rolesAndWarehousesOf(sql: string): readonly NamedObject[] {
  const tokens = statementTokens(sql);
  return isWord(tokens[0], 'USE') && isWord(tokens[1], 'ROLE', 'WAREHOUSE') ? use(tokens) : [];
}

/** A statement that may take another role or warehouse than the session's, without naming it where it can be seen. */
export function mayChangeRoleOrWarehouse(sql: string): boolean {
  const tokens = statementTokens(sql);
  const isPlain = isWord(tokens[afterWords(tokens, 1, ...CREATE_OPTIONS)], 'TABLE', 'VIEW', 'SCHEMA');
  const isDdl = !isPlain && isWord(tokens[0], 'CREATE', 'ALTER', 'DROP', 'UNDROP', 'GRANT', 'REVOKE');
  return (
    isWord(tokens[0], 'CALL', 'EXECUTE') ||
    (isWord(tokens[0], 'USE') && isWord(tokens[1], 'SECONDARY')) ||
    (isDdl && tokens.some((token) => token.kind === 'word' && /(^|_)(?:WAREHOUSE|ROLE|ROLES|USER)$/.test(token.text)))
  );
}

function statementTokens(sql: string): Tokens {
  return splitAt(tokenize(sql), ';').find((tokens) => tokens.length > 0) ?? [];
}

function namesOf(tokens: Tokens): StatementNames {
  const first = tokens[0];
  if (isSymbol(first, '(') || isWord(first, ...QUERIES)) {
    if (isWord(first, 'WITH')) refuseWriteAfterWith(tokens);
    return { objects: namesInQuery(tokens) };
  }
  if (first?.kind !== 'word') throw unplaced('its first word is not known', first);
  switch (first.text) {
    case 'EXPLAIN':
      if (isWord(tokens[isWord(tokens[1], 'USING') ? 3 : 1], 'EXPLAIN'))
        throw unplaced('EXPLAIN explains itself', first);
      return namesOf(isWord(tokens[1], 'USING') ? tokens.slice(3) : tokens.slice(1));
    case 'UPDATE':
      return { objects: namesInQuery(tokens, 1, 'table-expected') };
    case 'TRUNCATE':
      return { objects: [onlyName(tokens, afterWords(tokens, 1, 'TABLE', 'IF', 'EXISTS'), 'table')] };
    case 'USE':
      return { objects: use(tokens) };
    case 'DESCRIBE':
    case 'DESC':
      return { objects: [describe(tokens)] };
    case 'SHOW':
      return { objects: show(tokens) };
    case 'CREATE':
      return create(tokens);
    case 'DROP':
    case 'UNDROP':
      return { objects: [drop(tokens)] };
    case 'ALTER':
      return isWord(tokens[1], 'SESSION') ? { objects: [] } : alter(tokens);
    case 'COMMENT':
      return { objects: [comment(tokens)] };
    case 'COMMIT':
    case 'ROLLBACK':
    case 'BEGIN':
    case 'START':
      return { objects: [] };
    default:
      throw unplaced(`what ${first.text} touches cannot be seen`, first);
  }
}

/** Its target may be the table of the same name as one of the WITH clause; Snowflake has no such statement. */
function refuseWriteAfterWith(tokens: Tokens): void {
  const write = tokens.find(
    (token, index) =>
      token.depth === 0 && isWord(token, 'INSERT', 'UPDATE', 'DELETE', 'MERGE') && !isSymbol(tokens[index + 1], '('),
  );
  if (write !== undefined) throw unplaced(`WITH stands before ${write.text}`, write);
}

/** Index behind those of the words that stand there, in their order. */
function afterWords(tokens: Tokens, from: number, ...words: readonly string[]): number {
  let at = from;
  for (const word of words) if (isWord(tokens[at], word)) at += 1;
  return at;
}

function onlyName(tokens: Tokens, at: number, kind: NamedObject['kind']): NamedObject {
  const { parts, end } = nameAt(tokens, at);
  if (end < tokens.length) throw unplaced('more follows the name', tokens[end]);
  return { kind, parts };
}

function use(tokens: Tokens): readonly NamedObject[] {
  const kinds = { ROLE: 'role', WAREHOUSE: 'warehouse', DATABASE: 'database', SCHEMA: 'schema' } as const;
  const word = tokens[1]?.kind === 'word' ? tokens[1].text : '';
  const kind = word in kinds && tokens.length > 2 ? kinds[word as keyof typeof kinds] : undefined;
  if (kind !== undefined) return [onlyName(tokens, 2, kind)];
  const named = onlyName(tokens, 1, 'database');
  return [named.parts.length > 1 ? { ...named, kind: 'schema' } : named];
}

function describe(tokens: Tokens): NamedObject {
  if (!isWord(tokens[1], 'TABLE', 'VIEW')) throw unplaced('only tables and views can be described', tokens[1]);
  const { parts, end } = nameAt(tokens, 2);
  const isTyped = isWord(tokens[end], 'TYPE') && isSymbol(tokens[end + 1], '=') && tokens.length === end + 3;
  if (end < tokens.length && !isTyped) throw unplaced('more follows the name', tokens[end]);
  return { kind: 'table', parts };
}

/** A listing tells of everything in its scope, so the whole scope has to be open. */
function show(tokens: Tokens): readonly NamedObject[] {
  const what = afterWords(tokens, 1, 'TERSE');
  if (isWord(tokens[what], 'PARAMETERS') && !tokens.some((token) => isWord(token, 'IN', 'FOR'))) return [];
  if (!isWord(tokens[what], 'TABLES', 'VIEWS', 'OBJECTS', 'COLUMNS', 'SCHEMAS'))
    throw unplaced(
      'SHOW lists what others own, too; list_databases and list_schemas show what is open to you',
      tokens[what],
    );
  const scope = tokens.findIndex((token, index) => index > what && isWord(token, 'IN'));
  if (scope < 0) throw unplaced('SHOW needs its scope: IN SCHEMA or IN DATABASE and a name', tokens[what]);
  const kinds = { TABLE: 'table', VIEW: 'table', SCHEMA: 'whole-schema', DATABASE: 'whole-database' } as const;
  const word = tokens[scope + 1]?.kind === 'word' ? (tokens[scope + 1] as Token).text : '';
  if (!(word in kinds)) throw unplaced('SHOW needs its scope: IN SCHEMA or IN DATABASE and a name', tokens[scope]);
  return [{ kind: kinds[word as keyof typeof kinds], parts: nameAt(tokens, scope + 2).parts }];
}

function create(tokens: Tokens): StatementNames {
  const at = afterWords(tokens, 1, ...CREATE_OPTIONS);
  const what = tokens[at];
  const { parts, end } = nameAt(tokens, afterWords(tokens, at + 1, 'IF', 'NOT', 'EXISTS'));
  if (isWord(what, 'SCHEMA')) {
    if (end < tokens.length) throw unplaced('more follows the name', tokens[end]);
    return { objects: [{ kind: 'whole-schema', parts }] };
  }
  if (!isWord(what, 'TABLE', 'VIEW')) throw unplaced('only tables, views and schemas can be created', what);
  const objects = [{ kind: 'table', parts } as const, ...definition(tokens, end)];
  return isWord(what, 'VIEW') ? { objects, viewIn: parts.slice(0, -1) } : { objects };
}

/** Columns, constraints and the query of a table or view. */
function definition(tokens: Tokens, from: number): readonly NamedObject[] {
  const objects: NamedObject[] = [];
  const as = tokens.findIndex((token, index) => index >= from && token.depth === 0 && isWord(token, 'AS'));
  const end = as < 0 ? tokens.length : as;
  for (let at = from; at < end; at += 1) {
    const token = tokens[at];
    if (isWord(token, ...FOREIGN_CLAUSES)) throw unplaced(`${token?.text} may bring other objects in`, token);
    if (isWord(token, 'CLONE', 'REFERENCES', 'LIKE'))
      objects.push({ kind: 'table', parts: nameAt(tokens, at + 1).parts });
  }
  const columns = tokens
    .slice(from, end)
    .filter((token) => !isWord(token, 'CLONE', 'REFERENCES', 'LIKE', 'WITH', 'USING'));
  objects.push(...namesInQuery(columns));
  if (as >= 0) objects.push(...namesInQuery(tokens.slice(as + 1)));
  return objects;
}

function drop(tokens: Tokens): NamedObject {
  const { parts, end } = nameAt(tokens, afterWords(tokens, 2, 'IF', 'EXISTS'));
  const rest = tokens.slice(end);
  if (rest.length > 1 || (rest.length === 1 && !isWord(rest[0], 'CASCADE', 'RESTRICT')))
    throw unplaced('more follows the name', rest[0]);
  if (isWord(tokens[1], 'SCHEMA')) return { kind: 'whole-schema', parts };
  if (isWord(tokens[1], 'TABLE', 'VIEW')) return { kind: 'table', parts };
  throw unplaced('only tables, views and schemas can be dropped', tokens[1]);
}

function alter(tokens: Tokens): StatementNames {
  if (!isWord(tokens[1], 'TABLE', 'VIEW')) throw unplaced('only tables and views can be altered', tokens[1]);
  const { parts, end } = nameAt(tokens, afterWords(tokens, 2, 'IF', 'EXISTS'));
  const objects: NamedObject[] = [{ kind: 'table', parts }];
  const moves = isWord(tokens[end], 'RENAME') && isWord(tokens[end + 1], 'TO');
  const swaps = isWord(tokens[end], 'SWAP') && isWord(tokens[end + 1], 'WITH');
  if (moves || swaps) return { objects: [...objects, onlyName(tokens, end + 2, 'table')] };
  if (isWord(tokens[end], 'SET', 'UNSET') && !isWord(tokens[end + 1], 'COMMENT', 'DATA_RETENTION_TIME_IN_DAYS'))
    throw unplaced('this property cannot be set', tokens[end + 1]);
  const all = [...objects, ...definition(tokens, end)];
  return isWord(tokens[1], 'VIEW') ? { objects: all, viewIn: parts.slice(0, -1) } : { objects: all };
}

function comment(tokens: Tokens): NamedObject {
  const at = afterWords(tokens, 1, 'IF', 'EXISTS', 'ON');
  if (isWord(tokens[at], 'TABLE', 'VIEW')) return { kind: 'table', parts: nameAt(tokens, at + 1).parts };
  throw unplaced('only tables and views can be commented on', tokens[at]);
}
