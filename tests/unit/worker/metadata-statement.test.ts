import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardStatement } from '../../../src/warehouse/guard/guard.js';
import type { MetadataPayload } from '../../../src/warehouse/job-payload.js';
import { metadataStatement } from '../../../src/worker/handlers/metadata.js';

const caps = { maxRows: 1, maxBytes: 1, timeoutMs: 1 };

describe('metadataStatement', () => {
  it.each<[Partial<MetadataPayload> & Pick<MetadataPayload, 'subject'>, string]>([
    [{ subject: 'databases' }, 'SHOW DATABASES'],
    [{ subject: 'databases', database: 'D', like: 'x%' }, "SHOW DATABASES LIKE 'x%'"],
    [{ subject: 'schemas', database: 'D', schema: 'S' }, 'SHOW SCHEMAS IN DATABASE "D"'],
    [{ subject: 'tables', database: 'D', schema: 'S' }, 'SHOW TABLES IN SCHEMA "D"."S"'],
    [{ subject: 'tables', database: 'D' }, 'SHOW TABLES IN DATABASE "D"'],
    [{ subject: 'views', schema: 'S' }, 'SHOW VIEWS IN SCHEMA "S"'],
    [{ subject: 'views' }, 'SHOW VIEWS'],
    [{ subject: 'columns', database: 'D', schema: 'S', table: 'a "b"' }, 'DESCRIBE TABLE "D"."S"."a ""b"""'],
  ])('asks for %j', (question, sql) => {
    expect(metadataStatement({ ...question, ...caps })).toBe(sql);
  });

  it('is one reading statement whatever the names and patterns hold', () => {
    const text = fc.string({
      minLength: 1,
      maxLength: 30,
      unit: fc.constantFrom("'", '"', '\\', ';', '-', '/', '*', '$', 'a', ' ', '\n'),
    });
    fc.assert(
      fc.property(
        fc.constantFrom('databases', 'schemas', 'tables', 'views', 'columns'),
        text,
        text,
        text,
        text,
        (subject, database, schema, table, like) => {
          const guarded = guardStatement(
            metadataStatement({ subject, database, schema, table, like, ...caps } as MetadataPayload),
          );
          expect(guarded.write).toBe(false);
          expect(guarded.verb).toBe(subject === 'columns' ? 'DESCRIBE' : 'SHOW');
        },
      ),
    );
  });
});
