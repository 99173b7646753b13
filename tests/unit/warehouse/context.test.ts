import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ExactContext,
  exactContext,
  exactName,
  identifier,
  parameterStatements,
  targetContext,
  useStatements,
  writtenContext,
} from '../../../src/warehouse/snowflake/context.js';

type Place = { -readonly [Member in keyof ExactContext]: string };

const NO_PUBLIC = 'BARE';

/** What Snowflake's USE statements do to a session; the database BARE has no schema PUBLIC. */
function use(context: Place, sql: string): void {
  const [, kind, first = '', second] =
    /^USE (ROLE|WAREHOUSE|DATABASE|SCHEMA) "((?:[^"]|"")*)"(?:\."((?:[^"]|"")*)")?$/.exec(sql) ?? [];
  const [one, two] = [first, second].map((name) => name?.replaceAll('""', '"'));
  if (kind === 'ROLE') context.role = one as string;
  else if (kind === 'WAREHOUSE') context.warehouse = one as string;
  else if (kind === 'DATABASE') {
    context.database = one as string;
    if (one === NO_PUBLIC) delete context.schema;
    else context.schema = 'PUBLIC';
  } else if (kind === 'SCHEMA') {
    const database = two === undefined ? context.database : one;
    if (database === NO_PUBLIC && (two ?? one) === 'PUBLIC') throw new Error('no such schema');
    Object.assign(context, { database, schema: two ?? one });
  } else throw new Error(`not understood: ${sql}`);
}

const name = fc.constantFrom('A', 'B', 'lower', 'with "quotes"', NO_PUBLIC);
const schema = fc.constantFrom('PUBLIC', 'S', 'my schema');
const some = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(values, { nil: undefined });

const asked = fc
  .record({ role: some(name), warehouse: some(name), database: some(name), schema: some(schema) })
  .filter((context) => !(context.database === NO_PUBLIC && context.schema === 'PUBLIC'))
  .map(
    (context) => Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined)) as ExactContext,
  );

const defaults: ExactContext = { role: 'R', warehouse: 'W', database: 'A', schema: 'PUBLIC' };

describe('the way from one context to another', () => {
  it('ends where the job asked to be, whatever was there before, and costs nothing the second time', () => {
    fc.assert(
      fc.property(
        fc.array(
          asked.filter((context) => !(context.database === undefined && context.schema !== undefined)),
          { minLength: 1, maxLength: 5 },
        ),
        (jobs) => {
          const session: Place = { ...(defaults as Place) };
          for (const job of jobs) {
            for (const sql of useStatements(session, targetContext(job, defaults), job) ?? []) use(session, sql);
            expect(session).toMatchObject(job);
            expect(session.role).toBe(job.role ?? 'R');
            expect(session.warehouse).toBe(job.warehouse ?? 'W');
            expect(session.database).toBe(job.database ?? 'A');
            if (job.schema === undefined)
              expect(session.schema).toBe(session.database === NO_PUBLIC ? undefined : 'PUBLIC');
            expect(useStatements(session, targetContext(job, defaults), job)).toEqual([]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is not there when a database would have to be left for none', () => {
    expect(useStatements({ database: 'A', schema: 'PUBLIC' }, targetContext({}, {}), {})).toBeUndefined();
  });
});

describe('names', () => {
  it('are written so that they are read back exactly', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        expect(exactName(identifier(text))).toBe(text);
      }),
    );
    fc.assert(
      fc.property(asked, (context) => {
        expect(exactContext(writtenContext(context))).toEqual(context);
      }),
    );
  });

  it('are read as Snowflake reads identifiers', () => {
    expect(['sales', 'Sales', '"sales"', '"a""b"', 'my-db'].map(exactName)).toEqual([
      'SALES',
      'SALES',
      'sales',
      'a"b',
      'my-db',
    ]);
    expect(['SALES', 'sales', 'A B'].map(identifier)).toEqual(['SALES', '"sales"', '"A B"']);
  });
});

describe('session parameters', () => {
  it('are set and unset only where they differ', () => {
    expect(parameterStatements({ A: '1', B: 'x' }, { B: 'x' })).toEqual(['ALTER SESSION UNSET A']);
    expect(parameterStatements({}, { A: '1', B: 'true', C: "it's \\" })).toEqual([
      "ALTER SESSION SET A = 1 B = true C = 'it''s \\\\'",
    ]);
    expect(parameterStatements({ A: '1' }, { A: '1' })).toEqual([]);
  });
});
