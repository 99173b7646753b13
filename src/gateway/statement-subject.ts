import type { ErrorData } from '../errors/snow-error.js';
import type { JobRecord } from '../store/job.js';
import { namesOfStatement } from '../warehouse/guard/statement-names.js';
import { queryPayloadOf } from '../warehouse/job-payload.js';
import { defined } from './bounds.js';
import { exactName } from './identifiers.js';
import type { KnowledgeSubject, TableName } from './knowledge.js';

const NOTHING: KnowledgeSubject = { tables: [], words: [] };

/** A name in an error's message: `invalid identifier 'O.AMOUNT'`. */
const QUOTED_NAME = /'([\p{L}_"][^'\n]{0,300})'/gu;

/** What a statement that failed is about: the tables it names, and the names that its error tells. */
export function subjectOfFailure({ payload, context }: JobRecord, error: ErrorData): KnowledgeSubject {
  try {
    const { sql } = queryPayloadOf(payload);
    const { database, schema } = context;
    const place = defined({
      database: database === undefined ? undefined : exactName(database, 'database'),
      schema: schema === undefined ? undefined : exactName(schema, 'schema'),
    });
    const tables = namesOfStatement(sql).objects.flatMap(({ kind, parts }): readonly TableName[] => {
      const [table, ...around] = parts.toReversed();
      if (kind !== 'table' || table === undefined || parts.length > 3) return [];
      return [
        { ...place, ...defined({ schema: around[0] ?? place.schema, database: around[1] ?? place.database }), table },
      ];
    });
    return { tables, words: namesIn(error.message).filter((name) => !tables.some(({ table }) => table === name)) };
  } catch {
    // It names nothing that could be told: then nothing is known about it.
    return NOTHING;
  }
}

function namesIn(message: string): readonly string[] {
  const names = [...message.matchAll(QUOTED_NAME)].map(
    ([, name = '']) => name.split('.').at(-1)?.replaceAll('"', '') ?? '',
  );
  return [...new Set(names)].filter((name) => name !== '');
}
