import type { Command } from '../../engine/command.js';
import { unsupported } from '../syntax-error.js';
import { TokenCursor } from '../token-cursor.js';
import type { ParsedStatement } from '../translation.js';
import { selectAbortSession } from './abort-session.js';
import { alterDatabase } from './alter-database.js';
import { alterObject } from './alter-object.js';
import { alterSchema } from './alter-schema.js';
import { alterSession } from './alter-session.js';
import { alterTable } from './alter-table.js';
import { alterView } from './alter-view.js';
import { alterWarehouse } from './alter-warehouse.js';
import { call, callAnonymous } from './call.js';
import { commentOn } from './comment-on.js';
import { copyInto } from './copy-into.js';
import { createDatabase } from './create-database.js';
import { alterFileFormat, createFileFormat } from './create-file-format.js';
import { createNamed } from './create-named.js';
import { createOrAlter } from './create-or-alter.js';
import { createRoutine } from './create-routine.js';
import { createSchema } from './create-schema.js';
import { createSequence } from './create-sequence.js';
import { createStage } from './create-stage.js';
import { createStream } from './create-stream.js';
import { createTable } from './create-table.js';
import { createView } from './create-view.js';
import { describe } from './describe.js';
import { drop } from './drop.js';
import { alterDynamicTable, createDynamicTable } from './dynamic-table.js';
import { executeBlock, executeImmediate, isBlock } from './execute-script.js';
import { explain } from './explain.js';
import { grant, revoke } from './grant.js';
import { alterKept } from './kept/alter-kept.js';
import { createKept } from './kept/create-kept.js';
import { keptOf } from './kept/find-kept.js';
import { executeTask } from './kept/task.js';
import { isPipe, pipeStatements } from './pipe-statements.js';
import { isTagging, setTags } from './set-tags.js';
import { setVariables, unsetVariables } from './set-variables.js';
import { show } from './show.js';
import { listFiles, removeFiles } from './staged-files.js';
import { selectSystemWait } from './system-wait.js';
import { beginTransaction, commitTransaction, rollbackTransaction } from './transactions.js';
import { getFiles, putFiles } from './transfer-files.js';
import { truncate } from './truncate.js';
import { undrop } from './undrop.js';
import { use } from './use.js';

/** Words that may stand between CREATE and what is created. */
const MODIFIERS = new Set([
  'OR',
  'REPLACE',
  'TRANSIENT',
  'TEMPORARY',
  'TEMP',
  'VOLATILE',
  'LOCAL',
  'GLOBAL',
  'SECURE',
  'RECURSIVE',
  'MATERIALIZED',
  'HYBRID',
]);

const CREATE: Readonly<Record<string, Command>> = {
  DATABASE: createDatabase,
  SCHEMA: createSchema,
  TABLE: createTable,
  VIEW: createView,
  SEQUENCE: createSequence,
  STAGE: createStage,
  STREAM: createStream,
  WAREHOUSE: createNamed,
  ROLE: createNamed,
  USER: createNamed,
  TAG: createNamed,
  FILE: createFileFormat,
  FUNCTION: createRoutine,
  PROCEDURE: createRoutine,
};

const ALTER: Readonly<Record<string, Command>> = {
  DATABASE: alterDatabase,
  FILE: alterFileFormat,
  FUNCTION: alterObject,
  MATERIALIZED: alterView,
  PROCEDURE: alterObject,
  ROLE: alterObject,
  SCHEMA: alterSchema,
  SESSION: alterSession,
  SEQUENCE: alterObject,
  STAGE: alterObject,
  STREAM: alterObject,
  TABLE: alterTable,
  TAG: alterObject,
  USER: alterObject,
  VIEW: alterView,
  WAREHOUSE: alterWarehouse,
};

const LEADING: Readonly<Record<string, Command>> = {
  BEGIN: beginTransaction,
  CALL: call,
  COMMENT: commentOn,
  COMMIT: commitTransaction,
  COPY: copyInto,
  DESC: describe,
  DESCRIBE: describe,
  DROP: drop,
  EXECUTE: executeImmediate,
  EXPLAIN: explain,
  GET: getFiles,
  GRANT: grant,
  LIST: listFiles,
  LS: listFiles,
  PUT: putFiles,
  REMOVE: removeFiles,
  RM: removeFiles,
  REVOKE: revoke,
  ROLLBACK: rollbackTransaction,
  SET: setVariables,
  SHOW: show,
  START: beginTransaction,
  TRUNCATE: truncate,
  UNDROP: undrop,
  UNSET: unsetVariables,
  USE: use,
};

/** Objects of Snowflake's that the local one does not have (yet). */
const KNOWN_OBJECTS = new Set([
  'AGGREGATE',
  'APPLICATION',
  'CONNECTION',
  'DYNAMIC',
  'EVENT',
  'EXTERNAL',
  'FAILOVER',
  'ICEBERG',
  'REPLICATION',
  'SERVICE',
  'ACCOUNT',
  'ORGANIZATION',
  'CONTACT',
  'CORTEX',
  'DATA',
  'DATASET',
  'LISTING',
  'MANAGED',
  'MODEL',
  'SEMANTIC',
]);

function notThere(statement: ParsedStatement, what: string | undefined): never {
  const [verb = ''] = statement.keywords;
  if (what !== undefined && KNOWN_OBJECTS.has(what)) throw unsupported(`${verb} ${what}`);
  const cursor = new TokenCursor(statement.text);
  cursor.next();
  throw cursor.error();
}

function isKept(words: readonly string[]): boolean {
  return keptOf(words) !== undefined || words[0] === 'INTEGRATION';
}

/** The command that the statement's leading words name; undefined for what is translated instead. */
export function findCommand(statement: ParsedStatement): Command | undefined {
  if (isPipe(statement.text)) return pipeStatements;
  const [verb = ''] = statement.keywords;
  if (verb === 'CREATE') {
    if (statement.keywords[1] === 'OR' && statement.keywords[2] === 'ALTER') return createOrAlter;
    const words = statement.keywords.slice(1);
    while (words[0] !== undefined && MODIFIERS.has(words[0])) words.shift();
    const kept = keptOf(words);
    if (kept !== undefined) return createKept(kept);
    if (words[0] === 'DYNAMIC' && words[1] === 'TABLE') return createDynamicTable;
    const [what] = words;
    return CREATE[what ?? ''] ?? notThere(statement, what);
  }
  if (isTagging(statement)) return setTags;
  if (verb === 'ALTER' && isKept(statement.keywords.slice(1))) return alterKept;
  if (verb === 'ALTER' && statement.keywords[1] === 'DYNAMIC') return alterDynamicTable;
  if (verb === 'EXECUTE' && statement.keywords[1] === 'TASK') return executeTask;
  if (verb === 'ALTER') return ALTER[statement.keywords[1] ?? ''] ?? notThere(statement, statement.keywords[1]);
  if (isBlock(statement, statement.text)) return executeBlock;
  if (verb === 'WITH' && statement.keywords[2] === 'AS' && statement.keywords[3] === 'PROCEDURE') return callAnonymous;
  if (verb === 'SELECT') return selectSystemWait(statement) ?? selectAbortSession(statement);
  return LEADING[verb];
}
