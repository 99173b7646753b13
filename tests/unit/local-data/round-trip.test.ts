import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindPositions } from '../../../src/local/engine/encoding/binds.js';
import type { BindValue } from '../../../src/local/engine/engine.js';
import type { SnowflakeType } from '../../../src/local/engine/snowflake-type.js';
import { duckdbTypeOf } from '../../../src/local/engine/types/duckdb-type.js';
import { decode } from './decode.js';
import { encoded, inDuckdb } from './in-duckdb.js';

interface Sent {
  readonly type: SnowflakeType;
  readonly bind: BindValue;
  /** What the driver should decode. */
  readonly value: unknown;
}

const text = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .chain((s) => fc.constantFrom(s, `${s}"\\/`, `\u0000\u0001\u001f\u007f${s}`, `${s}\n\r\t'`, 'null', `\u2028${s}😀`));

// Micros from the year 1 to 9999.
const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });

const sent: fc.Arbitrary<Sent> = fc.oneof(
  fc
    .tuple(fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }), fc.constantFrom(1n, 10n ** 20n, 10n ** 36n))
    .map(([n, by]) => {
      const value = String(n / by);
      return { type: { name: 'FIXED', precision: 38, scale: 0 } as const, bind: { type: 'FIXED', value }, value };
    }),
  fc.integer({ min: -99_999_999, max: 99_999_999 }).map((cents) => {
    const value = (cents / 100).toFixed(2);
    return { type: { name: 'FIXED', precision: 12, scale: 2 } as const, bind: { type: 'FIXED', value }, value };
  }),
  fc.double({ noDefaultInfinity: false }).map((value) => ({
    type: { name: 'REAL' } as const,
    bind: { type: 'REAL', value: String(value) },
    value: value === 0 ? 0 : value,
  })),
  text.map((value) => ({ type: { name: 'TEXT', length: 16_777_216 } as const, bind: { type: 'TEXT', value }, value })),
  fc.boolean().map((value) => ({
    type: { name: 'BOOLEAN' } as const,
    bind: { type: 'BOOLEAN', value: String(value) },
    value,
  })),
  fc.integer({ min: -719_162, max: 2_932_896 }).map((days) => ({
    type: { name: 'DATE' } as const,
    bind: { type: 'DATE', value: String(days * 86_400_000) },
    value: days,
  })),
  fc.bigInt({ min: 0n, max: 86_399_999_999n }).map((us) => ({
    type: { name: 'TIME', scale: 9 } as const,
    bind: { type: 'TIME', value: String(us * 1000n) },
    value: us * 1000n,
  })),
  fc.tuple(micros, fc.constantFrom('TIMESTAMP_NTZ' as const, 'TIMESTAMP_LTZ' as const)).map(([us, name]) => ({
    type: { name, scale: 9 },
    bind: { type: name, value: String(us * 1000n) },
    value: us * 1000n,
  })),
  fc.tuple(micros, fc.integer({ min: -840, max: 840 })).map(([us, offset]) => ({
    type: { name: 'TIMESTAMP_TZ', scale: 9 } as const,
    bind: { type: 'TIMESTAMP_TZ', value: `${us * 1000n} ${offset + 1440}` },
    value: { instant: us * 1000n, offset },
  })),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => ({
    type: { name: 'BINARY', length: 8_388_608 } as const,
    bind: { type: 'BINARY', value: Buffer.from(bytes).toString('hex') },
    value: Buffer.from(bytes),
  })),
  fc.jsonValue({ maxDepth: 2, noUnicodeString: false }).map((value) => ({
    type: { name: 'VARIANT' } as const,
    bind: { type: 'VARIANT', value: JSON.stringify(value) },
    value: JSON.parse(JSON.stringify(value)) as unknown,
  })),
);

describe('a value bound, stored and encoded', () => {
  const duckdb = inDuckdb();

  it('is decoded as it was sent, for every type', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 12 }), async (values) => {
        const names = values.map((_, i) => `${i + 1}`);
        const binds = bindPositions(names, Object.fromEntries(values.map(({ bind }, i) => [`${i + 1}`, bind])));
        const columns = values.map(({ type }, i) => `$${i + 1}::${duckdbTypeOf(type)} AS c${i}`);
        const { columns: got, rows } = await encoded(duckdb(), `SELECT ${columns.join(', ')}`, binds);
        expect(got.map(({ type }) => type)).toEqual(values.map(({ type }) => type));
        const decoded = rows[0]?.map((cell, i) => decode(cell, (values[i] as Sent).type));
        expect(decoded).toEqual(values.map(({ value }) => value));
      }),
      { numRuns: 150 },
    );
  });
});
