import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SnowError } from '../../src/errors/snow-error.js';
import type { Caller, Gateway, QueryRequest } from '../../src/gateway/requests.js';
import { GatewayRig } from './gateway-rig.js';

const CLIENTS = 20;
const STEPS = 50;
const RUNS = Number(process.env.MCP_SNOW_TEST_RUNS ?? 1);
const DATABASES = ['D0', 'D1', 'D2'] as const;
const SCHEMAS = ['PUBLIC', 'S0', 'S1', 'S2'] as const;
const ZONES = { 'Asia/Tokyo': '21:00', 'Europe/Paris': '13:00', 'Pacific/Auckland': '01:00' } as const;
type Zone = keyof typeof ZONES;

/** What one session has to look like, to its own client and nobody else. */
interface Model {
  database: string;
  schema: string;
  zone: Zone | undefined;
  /** What a pinned session has put before the tables of a schema, and its variable. */
  temporary: Map<string, string>;
  variable: string | undefined;
}

/** The sessions of each client; the last is pinned. */
const SESSIONS = ['default', 'other', 'pinned'] as const;

type Step =
  | { readonly do: 'look' }
  | { readonly do: 'useDatabase'; readonly database: string }
  | { readonly do: 'useSchema'; readonly schema: string }
  | { readonly do: 'useBoth'; readonly database: string; readonly schema: string }
  | { readonly do: 'hastyUse'; readonly database: string; readonly schema: string }
  | { readonly do: 'setSession'; readonly database: string; readonly schema: string | undefined }
  | { readonly do: 'setZone'; readonly zone: Zone | undefined; readonly by: 'statement' | 'call' }
  | { readonly do: 'lookElsewhere'; readonly database: string }
  | { readonly do: 'fail'; readonly sql: string }
  /** Refused where the session is not pinned. */
  | { readonly do: 'keepTable' | 'keepVariable' | 'rollBack' | 'pinAnew' }
  | { readonly do: 'refused'; readonly sql: string };

const database = fc.constantFrom(...DATABASES);
const schema = fc.constantFrom(...SCHEMAS);
const zone = fc.option(fc.constantFrom(...(Object.keys(ZONES) as Zone[])), { nil: undefined });

const step: fc.Arbitrary<{ readonly session: string; readonly step: Step }> = fc.record({
  session: fc.constantFrom(...SESSIONS),
  step: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>({ do: 'look' }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('useDatabase' as const), database }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('useSchema' as const), schema }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('useBoth' as const), database, schema }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('hastyUse' as const), database, schema }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('setSession' as const),
        database,
        schema: fc.option(schema, { nil: undefined }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('setZone' as const),
        zone,
        by: fc.constantFrom('statement' as const, 'call' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lookElsewhere' as const), database }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('fail' as const),
        sql: fc.constantFrom('select 1 / 0', 'select * from nowhere', 'use schema nowhere'),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('keepTable', 'keepVariable', 'rollBack', 'pinAnew') }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('refused' as const),
        sql: fc.constantFrom(
          "create temporary table here as select 'leak' as place",
          'set v = 1',
          'begin',
          'alter session set autocommit = false',
          'select * from table(result_scan(last_query_id()))',
        ),
      }),
    },
  ),
});

describe('twenty clients on fewer connections', () => {
  let rig: GatewayRig;
  /** As two processes would have it: each client keeps to one of them. */
  let gateways: readonly Gateway[];
  let defaultTime: unknown;

  beforeAll(async () => {
    rig = await GatewayRig.open();
    const gateway = rig.gateway();
    gateways = [gateway, rig.gateway()];
    for (let n = 0; n < 2; n += 1) await rig.work(4, { most: CLIENTS });
    const run = async (sql: string, session?: string): Promise<readonly (readonly unknown[])[]> => {
      const { error, rows } = await gateway.query({ client: 'setup' }, { sql, session });
      expect(error).toBeUndefined();
      return rows;
    };
    await Promise.all(
      DATABASES.map(async (name) => {
        await run(`create database ${name}`, name);
        for (const inside of SCHEMAS) {
          if (inside !== 'PUBLIC') await run(`create schema ${name}.${inside}`, name);
          await run(`create table ${name}.${inside}.here as select '${name}.${inside}' as place`, name);
        }
      }),
    );
    [[defaultTime]] = (await run(`select ${TIME}`)) as [[unknown]];
  });

  afterAll(async () => {
    await rig.close();
  });

  it('each always see their own context and never anybody else’s, whatever is interleaved', {
    timeout: 120_000,
  }, async () => {
    let round = 0;
    let steps = 0;
    const scripts = fc.array(fc.array(step, { minLength: STEPS, maxLength: STEPS }), {
      minLength: CLIENTS,
      maxLength: CLIENTS,
    });
    await fc.assert(
      fc.asyncProperty(scripts, async (plans) => {
        round += 1;
        await Promise.all(
          plans.map(async (plan, index) => {
            const gateway = gateways[index % gateways.length] as Gateway;
            const client = new Client(gateway, { client: `client ${round}-${index}` }, defaultTime);
            for (const session of SESSIONS) await client.begin(session);
            for (const { session, step: next } of plan) await client.take(session, next);
            for (const session of SESSIONS) await client.end(session);
          }),
        );
        steps += plans.length * STEPS;
      }),
      // A failure is told with its script; making it smaller would take as long again for each try.
      { numRuns: RUNS, endOnFailure: true },
    );
    expect(steps).toBe(CLIENTS * STEPS * RUNS);
  });
});

const TIME = "to_char('2024-01-01 12:00:00 +0000'::timestamp_ltz, 'HH24:MI')";

const isPinned = (session: string): boolean => session === 'pinned';

/** One client that knows what it must see. */
class Client {
  readonly #gateway: Gateway;
  readonly #caller: Caller;
  readonly #defaultTime: unknown;
  readonly #models = new Map<string, Model>();

  constructor(gateway: Gateway, caller: Caller, defaultTime: unknown) {
    this.#gateway = gateway;
    this.#caller = caller;
    this.#defaultTime = defaultTime;
  }

  async begin(session: string): Promise<void> {
    this.#models.set(session, {
      database: 'D0',
      schema: 'PUBLIC',
      zone: undefined,
      temporary: new Map(),
      variable: undefined,
    });
    await this.#gateway.setSession(this.#caller, session, {
      database: 'D0',
      ...(isPinned(session) && { pinned: true }),
    });
  }

  async end(session: string): Promise<void> {
    await this.look(session);
    if (isPinned(session)) await this.#gateway.setSession(this.#caller, session, { pinned: false });
  }

  async take(session: string, step: Step): Promise<void> {
    const model = this.#models.get(session) as Model;
    switch (step.do) {
      case 'look':
        return await this.look(session);
      case 'useDatabase':
        await this.#run(session, `use database ${step.database}`);
        Object.assign(model, { database: step.database, schema: 'PUBLIC' });
        return;
      case 'useSchema':
        await this.#run(session, `use schema ${step.schema}`);
        model.schema = step.schema;
        return;
      case 'useBoth':
        await this.#run(session, `use schema ${step.database}.${step.schema}`);
        Object.assign(model, { database: step.database, schema: step.schema });
        return;
      case 'hastyUse': {
        const used = this.#run(session, `use schema ${step.database}.${step.schema}`);
        Object.assign(model, { database: step.database, schema: step.schema });
        await Promise.all([used, this.look(session), this.look(session)]);
        return;
      }
      case 'setSession': {
        const { database: name, schema: inside } = step;
        await this.#gateway.setSession(this.#caller, session, {
          database: name,
          ...(inside === undefined ? {} : { schema: inside }),
        });
        Object.assign(model, { database: name, schema: inside ?? 'PUBLIC' });
        return;
      }
      case 'setZone':
        await this.#setZone(session, step.zone, step.by);
        model.zone = step.zone;
        return;
      case 'lookElsewhere': {
        const inside = step.database === model.database ? model.schema : 'PUBLIC';
        const rows = await this.#run(session, LOOK, { database: step.database });
        expect(rows).toEqual([this.#seen({ ...model, database: step.database, schema: inside })]);
        return;
      }
      case 'fail':
        expect((await this.#ask(session, step.sql)).error?.code).toBe('SNOWFLAKE_ERROR');
        return;
      case 'keepTable':
      case 'keepVariable':
      case 'rollBack':
      case 'pinAnew':
        if (isPinned(session)) return await this.#keep(session, model, step.do);
        return await this.#isRefused(session, 'create temporary table here (place text)');
      case 'refused': {
        if (isPinned(session)) return await this.look(session);
        return await this.#isRefused(session, step.sql);
      }
    }
  }

  async look(session: string): Promise<void> {
    const model = { ...(this.#models.get(session) as Model) };
    expect(await this.#run(session, LOOK)).toEqual([this.#seen(model)]);
    if (!isPinned(session)) return;
    const { variable } = model;
    if (variable === undefined) expect((await this.#ask(session, 'select $v')).error?.code).toBe('SNOWFLAKE_ERROR');
    else expect(await this.#run(session, 'select $v')).toEqual([[variable]]);
  }

  async #keep(session: string, model: Model, what: 'keepTable' | 'keepVariable' | 'rollBack' | 'pinAnew') {
    const own = `${this.#caller.client} ${model.temporary.size} ${model.variable ?? ''}`.slice(0, 40);
    const place = `${model.database}.${model.schema}`;
    switch (what) {
      case 'keepTable':
        await this.#run(session, `create or replace temporary table here as select '${own}' as place`);
        model.temporary.set(place, own);
        return;
      case 'keepVariable':
        await this.#run(session, `set v = '${own}'`);
        model.variable = own;
        return;
      case 'rollBack':
        await this.#run(session, 'create or replace temporary table mine (n int)');
        await this.#run(session, 'begin');
        await this.#run(session, 'insert into mine values (1), (2)');
        expect(await this.#run(session, 'select count(*) from mine')).toEqual([[2]]);
        await this.#run(session, 'rollback');
        expect(await this.#run(session, 'select count(*) from mine')).toEqual([[0]]);
        return;
      case 'pinAnew':
        await this.#gateway.setSession(this.#caller, session, { pinned: false });
        await this.#gateway.setSession(this.#caller, session, { pinned: true });
        model.temporary.clear();
        model.variable = undefined;
        return;
    }
  }

  async #isRefused(session: string, sql: string): Promise<void> {
    const refusal = await this.#ask(session, sql).catch((failure: SnowError) => failure.code);
    expect(refusal).toBe('STATEMENT_NOT_ALLOWED');
  }

  #seen({ database: name, schema: inside, zone: own, temporary }: Model): readonly unknown[] {
    const place = `${name}.${inside}`;
    return [temporary.get(place) ?? place, name, inside, own === undefined ? this.#defaultTime : ZONES[own]];
  }

  async #setZone(session: string, wanted: Zone | undefined, by: 'statement' | 'call'): Promise<void> {
    if (by === 'call') {
      const parameters = wanted === undefined ? null : { TIMEZONE: wanted };
      await this.#gateway.setSession(this.#caller, session, { parameters });
    } else {
      await this.#run(
        session,
        `alter session ${wanted === undefined ? 'unset timezone' : `set timezone = '${wanted}'`}`,
      );
    }
  }

  async #run(session: string, sql: string, more: Partial<QueryRequest> = {}) {
    const { rows, error } = await this.#ask(session, sql, more);
    expect(error, sql).toBeUndefined();
    return rows;
  }

  async #ask(session: string, sql: string, more: Partial<QueryRequest> = {}) {
    return await this.#gateway.query(this.#caller, { sql, session, ...more });
  }
}

const LOOK = `select max(place), current_database(), current_schema(), ${TIME} from here`;
