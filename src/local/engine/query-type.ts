const BEFORE = /^(?:\s|--[^\n]*(?:\n|$)|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|\()+/;

/** Words between CREATE and what is created. */
const MODIFIERS = /^(OR|REPLACE|ALTER|LOCAL|GLOBAL|TEMP|TEMPORARY|VOLATILE|TRANSIENT|SECURE|RECURSIVE|MATERIALIZED)$/;

/** What is created under a name of its own; all else is CREATE. */
const CREATED =
  /^(TABLE|VIEW|SEQUENCE|STREAM|TASK|ROLE|USER|FUNCTION|PROCEDURE|STAGE|PIPE|WAREHOUSE|TAG|SCHEMA|DATABASE)$/;

const LEADING: Readonly<Record<string, string>> = {
  BEGIN: 'BEGIN_TRANSACTION',
  CALL: 'CALL',
  COMMENT: 'COMMENT',
  COMMIT: 'COMMIT',
  DECLARE: 'EXECUTE_BLOCK',
  DELETE: 'DELETE',
  DESC: 'DESCRIBE',
  DESCRIBE: 'DESCRIBE',
  DROP: 'DROP',
  EXECUTE: 'EXECUTE_IMMEDIATE',
  EXPLAIN: 'EXPLAIN',
  FROM: 'SELECT',
  GET: 'GET_FILES',
  GRANT: 'GRANT',
  LIST: 'LIST_FILES',
  LS: 'LIST_FILES',
  MERGE: 'MERGE',
  PUT: 'PUT_FILES',
  REMOVE: 'REMOVE_FILES',
  RM: 'REMOVE_FILES',
  REVOKE: 'REVOKE',
  ROLLBACK: 'ROLLBACK',
  SELECT: 'SELECT',
  SET: 'SET',
  SHOW: 'SHOW',
  START: 'BEGIN_TRANSACTION',
  TRUNCATE: 'TRUNCATE_TABLE',
  UNDROP: 'UNDROP',
  UNSET: 'UNSET',
  UPDATE: 'UPDATE',
  USE: 'USE',
  VALUES: 'SELECT',
  WITH: 'SELECT',
};

/** QUERY_TYPE of the query history, by the statement's leading words; UNKNOWN where they tell nothing. */
export function queryTypeOf(text: string): string {
  const begun = text.slice(0, 10_000).replace(BEFORE, '');
  const words =
    begun
      .slice(0, 300)
      .toUpperCase()
      .match(/[A-Z_]+/g) ?? [];
  const [verb = '', second = ''] = words;
  if (verb === 'BEGIN' && !/^BEGIN\s*(?:;|$|WORK\b|TRANSACTION\b|NAME\b)/i.test(begun)) return 'EXECUTE_BLOCK';
  if (verb === 'INSERT') return /^(ALL|FIRST)$/.test(second) ? 'MULTI_TABLE_INSERT' : 'INSERT';
  if (verb === 'COPY') return /^COPY\s+INTO\s+'?@/i.test(begun) ? 'UNLOAD' : 'COPY';
  if (verb === 'CREATE') return created(words.slice(1), begun);
  if (verb === 'ALTER') return altered(second, begun);
  return LEADING[verb] ?? 'UNKNOWN';
}

function created(words: readonly string[], text: string): string {
  const what = words.find((word) => !MODIFIERS.test(word)) ?? '';
  if (!CREATED.test(what)) return 'CREATE';
  return what === 'TABLE' && /\bAS\s*\(*\s*(SELECT|WITH|VALUES|FROM)\b/i.test(text)
    ? 'CREATE_TABLE_AS_SELECT'
    : `CREATE_${what}`;
}

function altered(what: string, text: string): string {
  if (what !== 'TABLE') return CREATED.test(what) || what === 'SESSION' ? `ALTER_${what}` : 'ALTER';
  if (/\bRENAME\s+TO\b/i.test(text)) return 'RENAME_TABLE';
  if (/\bADD\s+(COLUMN\b|(?!CONSTRAINT\b|PRIMARY\b|UNIQUE\b|FOREIGN\b|SEARCH\b|ROW\b)[\w"]+\s+\w)/i.test(text)) {
    return 'ALTER_TABLE_ADD_COLUMN';
  }
  if (/\bDROP\s+COLUMN\b/i.test(text)) return 'ALTER_TABLE_DROP_COLUMN';
  if (/\b(ALTER|MODIFY)\s+(COLUMN\b|\()/i.test(text.slice(5))) return 'ALTER_TABLE_MODIFY_COLUMN';
  return 'ALTER_TABLE';
}
