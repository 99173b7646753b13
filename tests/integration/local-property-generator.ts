import fc from 'fast-check';

/** Types whose operations Snowflake and DuckDB write and mean alike. */
export type Kind = 'number' | 'decimal' | 'float' | 'text' | 'boolean' | 'date' | 'timestamp';

export const DECLARED: Readonly<Record<Kind, { readonly snowflake: string; readonly duckdb: string }>> = {
  number: { snowflake: 'NUMBER(38, 0)', duckdb: 'BIGINT' },
  decimal: { snowflake: 'NUMBER(10, 2)', duckdb: 'DECIMAL(10, 2)' },
  float: { snowflake: 'FLOAT', duckdb: 'DOUBLE' },
  text: { snowflake: 'VARCHAR', duckdb: 'VARCHAR' },
  boolean: { snowflake: 'BOOLEAN', duckdb: 'BOOLEAN' },
  date: { snowflake: 'DATE', duckdb: 'DATE' },
  timestamp: { snowflake: 'TIMESTAMP_NTZ', duckdb: 'TIMESTAMP' },
};

export interface TableCase {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly kind: Kind }[];
  /** SQL literals. */
  readonly rows: readonly (readonly string[])[];
}

export interface Case {
  readonly tables: readonly [TableCase, TableCase];
  readonly queries: readonly string[];
}

const KINDS = Object.keys(DECLARED) as Kind[];

const day = fc.integer({ min: 0, max: 60_000 }).map((n) => new Date(n * 86_400_000).toISOString().slice(0, 10));

/** A literal of the kind, the same text in both dialects. Floats are multiples of 1/4: their sums have no order. */
function literal(kind: Kind): fc.Arbitrary<string> {
  switch (kind) {
    case 'number':
      return fc.integer({ min: -9, max: 9 }).map(String);
    case 'decimal':
      return fc.integer({ min: -99_999, max: 99_999 }).map((cents) => (cents / 100).toFixed(2));
    case 'float':
      return fc.integer({ min: -400, max: 400 }).map((quarters) => `${quarters / 4}::FLOAT`);
    case 'text':
      return fc
        .string({ unit: fc.constantFrom('a', 'b', 'B', 'é', '😀', "'", '"', ' ', '%', '_', '7'), maxLength: 5 })
        .map((text) => `'${text.replaceAll("'", "''")}'`);
    case 'boolean':
      return fc.constantFrom('true', 'false');
    case 'date':
      return day.map((text) => `'${text}'::DATE`);
    case 'timestamp':
      return fc
        .tuple(day, fc.integer({ min: 0, max: 86_399_999 }))
        .map(([text, ms]) => `'${text} ${new Date(ms).toISOString().slice(11, 23)}'::TIMESTAMP`);
  }
}

/** The first column of each table is a small number, so that joins meet. */
function table(name: string): fc.Arbitrary<TableCase> {
  return fc.array(fc.constantFrom(...KINDS), { minLength: 2, maxLength: 5 }).chain((more) => {
    const kinds: Kind[] = ['number', ...more];
    const columns = kinds.map((kind, i) => ({ name: `${name}${i}`, kind }));
    const cell = (kind: Kind) => fc.oneof({ weight: 5, arbitrary: literal(kind) }, fc.constant('NULL'));
    return fc
      .array(fc.tuple(...kinds.map(cell)), { maxLength: 24, size: 'max' })
      .map((rows) => ({ name: `T_${name}`, columns, rows }));
  });
}

interface Typed {
  readonly sql: string;
  readonly kind: Kind;
}

function scalar(columns: readonly Typed[]): fc.Arbitrary<Typed> {
  return fc.constantFrom(...columns).chain((column) => {
    const plain = fc.constant(column);
    const same = (sql: string): fc.Arbitrary<Typed> => fc.constant({ sql, kind: column.kind });
    switch (column.kind) {
      case 'number':
        return fc.oneof(
          plain,
          same(`(${column.sql} * 3 - 1)`),
          same(`abs(${column.sql})`),
          same(`coalesce(${column.sql}, 0)`),
        );
      case 'decimal':
        return fc.oneof(plain, same(`(${column.sql} + 0.25)`), same(`-${column.sql}`));
      case 'float':
        return fc.oneof(plain, same(`(${column.sql} * 2)`));
      case 'text':
        return fc.oneof(
          plain,
          same(`upper(${column.sql})`),
          same(`(${column.sql} || 'x')`),
          same(`substr(${column.sql}, 2, 2)`),
          fc.constant<Typed>({ sql: `length(${column.sql})`, kind: 'number' }),
        );
      case 'boolean':
        return fc.oneof(plain, same(`(NOT ${column.sql})`));
      case 'date':
        return fc.oneof(plain, fc.constant<Typed>({ sql: `year(${column.sql})`, kind: 'number' }));
      case 'timestamp':
        return fc.oneof(plain, same(`date_trunc('month', ${column.sql})`));
    }
  });
}

function predicate(columns: readonly Typed[]): fc.Arbitrary<string> {
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      scalar(columns).chain(({ sql, kind }) =>
        fc.oneof(
          fc
            .tuple(fc.constantFrom('=', '<>', '<', '<=', '>', '>='), literal(kind))
            .map(([operator, value]) => `${sql} ${operator} ${value}`),
          fc.tuple(literal(kind), literal(kind)).map(([low, high]) => `${sql} BETWEEN ${low} AND ${high}`),
          fc.array(literal(kind), { minLength: 1, maxLength: 3 }).map((values) => `${sql} IN (${values.join(', ')})`),
          fc.constantFrom(`${sql} IS NULL`, `${sql} IS NOT NULL`),
          ...(kind === 'text' ? [fc.constantFrom(`${sql} LIKE '%a%'`, `${sql} NOT LIKE '_b%'`)] : []),
        ),
      ),
      fc
        .tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition'))
        .map(([l, op, r]) => `(${l} ${op} ${r})`),
      tie('condition').map((inner) => `NOT (${inner})`),
    ),
  }));
  return condition;
}

const aggregates: Readonly<Record<Kind, readonly string[]>> = {
  number: ['sum', 'min', 'max', 'count', 'count_distinct'],
  decimal: ['sum', 'min', 'max', 'count'],
  float: ['sum', 'min', 'max'],
  text: ['min', 'max', 'count_distinct'],
  boolean: ['count', 'count_distinct'],
  date: ['min', 'max', 'count'],
  timestamp: ['min', 'max'],
};

function aggregate(columns: readonly Typed[]): fc.Arbitrary<string> {
  return scalar(columns).chain(({ sql, kind }) =>
    fc
      .constantFrom(...aggregates[kind])
      .map((name) => (name === 'count_distinct' ? `count(DISTINCT ${sql})` : `${name}(${sql})`)),
  );
}

/** Ordered by every output column, NULLs placed explicitly, so that there is one right order of rows. */
function ordered(width: number): fc.Arbitrary<string> {
  const directions = fc.array(
    fc.constantFrom('ASC NULLS LAST', 'DESC NULLS FIRST', 'ASC NULLS FIRST', 'DESC NULLS LAST'),
    {
      minLength: width,
      maxLength: width,
    },
  );
  return fc
    .tuple(directions, fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined, freq: 1 }))
    .map(([each, limit]) => {
      const order = each.map((direction, i) => `${i + 1} ${direction}`).join(', ');
      return `ORDER BY ${order}${limit === undefined ? '' : ` LIMIT ${limit}`}`;
    });
}

function query(left: TableCase, right: TableCase): fc.Arbitrary<string> {
  const own = (table: TableCase, alias: string): Typed[] =>
    table.columns.map(({ name, kind }) => ({ sql: `${alias}.${name}`, kind }));
  const sources = fc.constantFrom<{ from: string; columns: Typed[] }>(
    { from: `${left.name} l`, columns: own(left, 'l') },
    ...['INNER', 'LEFT', 'FULL'].map((join) => ({
      from: `${left.name} l ${join} JOIN ${right.name} r ON l.${left.columns[0]?.name} = r.${right.columns[0]?.name}`,
      columns: [...own(left, 'l'), ...own(right, 'r')],
    })),
  );
  return sources.chain(({ from, columns }) => {
    const where = fc
      .option(predicate(columns), { nil: undefined, freq: 1 })
      .map((p) => (p === undefined ? '' : ` WHERE ${p}`));
    const plain = fc.array(scalar(columns), { minLength: 1, maxLength: 4 }).chain((items) =>
      fc.tuple(fc.constantFrom('', 'DISTINCT '), where, ordered(items.length)).map(([distinct, filter, order]) => {
        const list = items.map(({ sql }, i) => `${sql} AS c${i}`).join(', ');
        return `SELECT ${distinct}${list} FROM ${from}${filter} ${order}`;
      }),
    );
    const grouped = fc
      .tuple(scalar(columns), fc.array(aggregate(columns), { minLength: 1, maxLength: 3 }), where)
      .chain(([key, values, filter]) =>
        fc.tuple(fc.boolean(), ordered(values.length + 1)).map(([having, order]) => {
          const list = [key.sql, ...values].map((sql, i) => `${sql} AS c${i}`).join(', ');
          return `SELECT ${list} FROM ${from}${filter} GROUP BY ${key.sql}${having ? ' HAVING count(*) > 1' : ''} ${order}`;
        }),
      );
    return fc.oneof(plain, grouped);
  });
}

/** Two small tables and some queries over them. */
export const cases: fc.Arbitrary<Case> = fc
  .tuple(table('A'), table('B'))
  .chain(([left, right]) =>
    fc
      .array(query(left, right), { minLength: 8, maxLength: 8 })
      .map((queries): Case => ({ tables: [left, right], queries })),
  );
