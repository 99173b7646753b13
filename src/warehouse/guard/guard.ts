import { SnowError } from '../../errors/snow-error.js';
import { type GuardedStatement, PINNED_PARAMETERS, STATEMENT_CLASSES, type StatementClass } from '../statement-kind.js';
import { classify, splitAt } from './classify.js';
import { tokenize } from './lexer.js';
import { sessionParametersOf } from './session-parameters.js';

/**
 * Places one statement. Fails closed: what cannot be placed is refused.
 * Throws `INVALID_ARGUMENT` for an empty statement and `STATEMENT_NOT_ALLOWED` for several statements, Snowflake
 * Scripting, files of this machine, and everything that is not a statement known here.
 */
export function guardStatement(sql: string): GuardedStatement {
  const statements = splitAt(tokenize(sql), ';').filter((tokens) => tokens.length > 0);
  const [tokens, ...others] = statements;
  if (tokens === undefined)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'The statement is empty.',
      hint: 'Write one SQL statement.',
    });

  const placement = classify(tokens);
  if ('refused' in placement) throw notAllowed(placement.refused, placement.hint);
  if (others.length > 0)
    throw notAllowed(
      `${statements.length} statements were sent in one`,
      placement.verb === 'CREATE'
        ? 'Send them one by one; the body of a procedure or task stands between $$ and $$.'
        : 'Send them one by one.',
    );

  const sessionParameters = sessionParametersOf(tokens);
  if (placement.verb === 'ALTER' && placement.changesSession && sessionParameters === undefined)
    throw notAllowed(
      'this form of ALTER SESSION is not known here',
      'Write ALTER SESSION SET NAME = value, or ALTER SESSION UNSET NAME, with plain names and literal values.',
    );
  const pins = Object.keys(sessionParameters ?? {}).some((name) => PINNED_PARAMETERS.has(name));
  return {
    verb: placement.verb,
    class: strongest(placement.requires),
    requires: placement.requires,
    write: placement.requires.some((need) => need !== 'read'),
    changesSession: placement.changesSession,
    ...(sessionParameters === undefined ? {} : { sessionParameters }),
    leavesState: placement.leavesState || pins,
    needsState: placement.needsState,
  };
}

/**
 * Throws `STATEMENT_NOT_ALLOWED` when the server does not allow the statement's classes, or when the statement lives
 * on one connection's state and the connection is not `pinned` to its session.
 */
export function checkAllowed(
  statement: GuardedStatement,
  allow: readonly StatementClass[],
  options: { readonly pinned?: boolean } = {},
): void {
  const missing = statement.requires.filter((need) => !allow.includes(need));
  if (missing.length > 0) {
    const wanted = STATEMENT_CLASSES.filter((name) => allow.includes(name) || missing.includes(name));
    throw notAllowed(
      `${statement.verb} is a ${missing.join(' and ')} statement and this server allows ${allow.length === 0 ? 'none' : allow.join(', ')} only`,
      `Whoever runs the server can allow it: serve --allow ${wanted.join(',')}`,
    );
  }
  if (options.pinned === true) return;
  if (statement.leavesState) throw notAllowed(stateMessage(statement), `${stateHint(statement)} ${PINNING}`);
  if (statement.needsState)
    throw notAllowed(
      'LAST_QUERY_ID() refers to an earlier statement of one connection, and every statement here may get another one',
      `Name the query: RESULT_SCAN('<query_id>'), with the query_id of the earlier answer. ${PINNING}`,
    );
}

const PINNING = 'Or keep one connection for the session: set_session { pinned: true }.';

function stateMessage(statement: GuardedStatement): string {
  return `what ${statement.verb} makes lives in one connection, and every statement here may get another one`;
}

function stateHint(statement: GuardedStatement): string {
  switch (statement.verb) {
    case 'CREATE':
      return 'Use CREATE TRANSIENT TABLE and drop it when done, or a WITH clause.';
    case 'USE':
      return 'Set the default secondary roles of the user instead.';
    case 'SET':
    case 'UNSET':
      return 'Write the value into the statement, or pass it in binds.';
    default:
      return 'Each statement is committed by itself; use one MERGE or INSERT … SELECT, or a stored procedure, for work that belongs together.';
  }
}

function strongest(requires: readonly StatementClass[]): StatementClass {
  return STATEMENT_CLASSES.findLast((name) => requires.includes(name)) ?? 'ddl';
}

function notAllowed(what: string, hint: string): SnowError {
  return new SnowError({ code: 'STATEMENT_NOT_ALLOWED', message: `Not allowed: ${what}.`, hint });
}
