import { LocalError } from './local-error.js';

/** Snowflake's own wording, by what went wrong. Names are shown as Snowflake shows them: parts joined by dots. */

const compilation = (number: string, sqlState: string, text: string): LocalError =>
  new LocalError(number, sqlState, `SQL compilation error:\n${text}`);

export function objectNotFound(name: readonly string[]): LocalError {
  return compilation('002003', '42S02', `Object '${showName(name)}' does not exist or not authorized.`);
}

/** `kind` is the word in the message: Table, View, Schema, Database, Sequence … */
export function notFound(kind: string, name: readonly string[]): LocalError {
  const sqlState = kind === 'Table' || kind === 'View' ? '42S02' : '02000';
  return compilation('002003', sqlState, `${kind} '${showName(name)}' does not exist or not authorized.`);
}

export function alreadyExists(name: string): LocalError {
  return compilation('002002', '42710', `Object '${name}' already exists.`);
}

/** CREATE OR REPLACE VIEW over a table, and the other way round. */
export function alreadyExistsAs(name: string, kind: 'table' | 'view'): LocalError {
  return compilation('001998', '42710', `Object '${name}' already exists as ${kind.toUpperCase()}`);
}

/** DROP VIEW of a table, and the other way round. */
export function ofAnotherType(found: 'table' | 'view', wanted: 'table' | 'view'): LocalError {
  return compilation(
    '002203',
    '02000',
    `Object found is of type '${found.toUpperCase()}', not specified type '${wanted.toUpperCase()}'.`,
  );
}

/** What USE answers for a name that is not there. */
export function cannotPerform(): LocalError {
  return compilation('002043', '02000', 'Object does not exist, or operation cannot be performed.');
}

export function noCurrentDatabase(operation: string): LocalError {
  return new LocalError(
    '090105',
    '22000',
    `Cannot perform ${operation}. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.`,
  );
}

export function noCurrentSchema(operation: string): LocalError {
  return new LocalError(
    '090106',
    '22000',
    `Cannot perform ${operation}. This session does not have a current schema. Call 'USE SCHEMA', or use a qualified name.`,
  );
}

/** `at` is where the name stands in the caller's text, when that is known. */
export function invalidIdentifier(name: string, at?: { readonly line: number; readonly position: number }): LocalError {
  const place = at === undefined ? '' : `error line ${at.line} at position ${at.position}\n`;
  return new LocalError('000904', '42000', `SQL compilation error: ${place}invalid identifier '${name}'`, at);
}

export function duplicateColumn(name: string): LocalError {
  return compilation('002025', '42S21', `duplicate column name '${name}'`);
}

/** What a read-only (shared) database answers to a write. */
export function readOnlyDatabase(name: string): LocalError {
  return insufficientPrivileges('database', name);
}

/** `kind` in lower case: table, schema, account, … */
export function insufficientPrivileges(kind: string, name: string): LocalError {
  return new LocalError(
    '003001',
    '42501',
    `SQL access control error:\nInsufficient privileges to operate on ${kind} '${name}'`,
  );
}

/** What USE ROLE answers for a role that the user was not granted. */
export function roleNotAssigned(name: string): LocalError {
  return new LocalError(
    '003013',
    '42501',
    `SQL access control error:\nRequested role '${name}' is not assigned to the executing user. Specify another role to activate.`,
  );
}

export function cancelled(): LocalError {
  return new LocalError('000604', '57014', 'SQL execution canceled');
}

export function statementTimedOut(seconds: number): LocalError {
  return new LocalError(
    '000630',
    '57014',
    `Statement reached its statement or warehouse timeout of ${seconds} second(s) and was canceled.`,
  );
}

export function sessionGone(): LocalError {
  return new LocalError('390111', '08001', 'Session no longer exists. New login required to access the service.');
}

/** What went wrong inside, without its inner words. */
export function internalError(detail: string): LocalError {
  return new LocalError(
    '300002',
    'XX000',
    `SQL execution internal error:\nProcessing aborted by error 300002; ${detail}`,
  );
}

export function showName(parts: readonly string[]): string {
  return parts.map((part) => (/^[A-Z_][A-Z0-9_$]*(\([A-Z0-9_, ]*\))?$/.test(part) ? part : `"${part}"`)).join('.');
}
