import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** The types of both sides and numbers of them. */
interface Sample {
  readonly left: { readonly precision: number; readonly scale: number };
  readonly right: { readonly precision: number; readonly scale: number };
  readonly pairs: readonly (readonly [bigint, bigint])[];
}

const typeUpTo = (most: number) =>
  fc
    .integer({ min: 1, max: most })
    .chain((precision) =>
      fc.record({ precision: fc.constant(precision), scale: fc.integer({ min: 0, max: precision }) }),
    );

const numberOf = ({ precision }: { precision: number }) =>
  fc
    .tuple(
      fc.integer({ min: 1, max: precision }),
      fc.boolean(),
      fc.array(fc.constantFrom(...'0123455789'), { minLength: 38, maxLength: 38 }),
    )
    .map(([length, negative, digits]) => BigInt(`${negative ? '-' : ''}${digits.slice(0, length).join('')}`));

const sampleUpTo = (most: number): fc.Arbitrary<Sample> =>
  fc.tuple(typeUpTo(most), typeUpTo(most)).chain(([left, right]) =>
    fc.record({
      left: fc.constant(left),
      right: fc.constant(right),
      pairs: fc.noShrink(fc.array(fc.tuple(numberOf(left), numberOf(right)), { minLength: 60, maxLength: 60 })),
    }),
  );

function show({ digits, scale }: Decimal): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const written = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
  return digits < 0n ? `-${written}` : written;
}

/** Half away from zero. */
function divideRounded(a: bigint, b: bigint): bigint {
  const [n, d] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const quotient = (2n * n + d) / (2n * d);
  return a < 0n !== b < 0n ? -quotient : quotient;
}

const aligned = (digits: bigint, from: number, to: number): bigint =>
  to >= from ? digits * 10n ** BigInt(to - from) : divideRounded(digits, 10n ** BigInt(from - to));

/** Scales and values as the documentation of the arithmetic operators defines them. */
const OPERATORS: Readonly<Record<string, (a: Decimal, b: Decimal) => Decimal>> = {
  '+': (a, b) => {
    const scale = Math.max(a.scale, b.scale);
    return { digits: aligned(a.digits, a.scale, scale) + aligned(b.digits, b.scale, scale), scale };
  },
  '-': (a, b) => {
    const scale = Math.max(a.scale, b.scale);
    return { digits: aligned(a.digits, a.scale, scale) - aligned(b.digits, b.scale, scale), scale };
  },
  '*': (a, b) => {
    const scale = Math.min(a.scale + b.scale, Math.max(a.scale, b.scale, 12));
    return { digits: aligned(a.digits * b.digits, a.scale + b.scale, scale), scale };
  },
  '/': (a, b) => {
    const scale = Math.max(a.scale, Math.min(a.scale + 6, 12));
    return { digits: divideRounded(a.digits * 10n ** BigInt(scale + b.scale - a.scale), b.digits), scale };
  },
  '%': (a, b) => {
    const scale = Math.max(a.scale, b.scale);
    return { digits: aligned(a.digits, a.scale, scale) % aligned(b.digits, b.scale, scale), scale };
  },
};

describe('arithmetic on exact numbers', () => {
  let fixture: EngineFixture;
  let client: Client;
  beforeAll(async () => {
    fixture = await EngineFixture.start();
    client = await fixture.workspace();
  });
  afterAll(() => fixture.stop());

  it.each(Object.entries(OPERATORS))(
    '%s is exact to the last digit of the documented scale',
    async (operator, compute) => {
      await fc.assert(
        fc.asyncProperty(sampleUpTo(18), async ({ left, right, pairs }) => {
          const asked = pairs.filter(([, b]) => b !== 0n);
          const type = ({ precision, scale }: Sample['left']): string => `NUMBER(${precision},${scale})`;
          const values = asked.map(
            ([a, b], i) =>
              `(${i}, '${show({ digits: a, scale: left.scale })}', '${show({ digits: b, scale: right.scale })}')`,
          );
          if (values.length === 0) return;
          const rows = await client.rows(
            `SELECT A::${type(left)} ${operator} B::${type(right)} FROM VALUES ${values.join(', ')} AS T (I, A, B) ORDER BY I`,
          );
          expect(rows.map(([cell]) => cell)).toEqual(
            asked.map(([a, b]) => show(compute({ digits: a, scale: left.scale }, { digits: b, scale: right.scale }))),
          );
        }),
        { numRuns: 25 },
      );
    },
  );
});
