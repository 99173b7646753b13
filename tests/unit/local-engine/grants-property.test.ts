import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

const ROLES = ['R0', 'R1', 'R2', 'R3'];
const TABLES = ['S0.T0', 'S0.T1', 'S1.T2'];
const ACTIONS = {
  SELECT: (table: string) => `select count(*) from d.${table}`,
  INSERT: (table: string) => `insert into d.${table} select 1 where false`,
  DELETE: (table: string) => `delete from d.${table} where false`,
  TRUNCATE: (table: string) => `truncate table d.${table}`,
} as const;
type Action = keyof typeof ACTIONS;

type Step =
  | {
      readonly kind: 'on table';
      readonly on: string;
      readonly privilege: Action;
      readonly role: string;
      readonly give: boolean;
    }
  | { readonly kind: 'usage'; readonly on: string; readonly role: string; readonly give: boolean }
  | { readonly kind: 'to role'; readonly lower: string; readonly role: string; readonly give: boolean }
  | { readonly kind: 'to user'; readonly role: string; readonly give: boolean }
  | { readonly kind: 'use'; readonly role: string }
  | { readonly kind: 'secondary'; readonly all: boolean };

const role = fc.constantFrom(...ROLES);
// Twice as many are given as taken, or there would soon be none.
const give = fc.constantFrom(true, true, false);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('on table' as const),
      on: fc.constantFrom(...TABLES),
      privilege: fc.constantFrom(...(Object.keys(ACTIONS) as Action[])),
      role,
      give,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('usage' as const),
      on: fc.constantFrom('database d', 'schema d.S0', 'schema d.S1'),
      role,
      give,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('to role' as const), lower: role, role, give }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('to user' as const), role, give }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('use' as const), role }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('secondary' as const), all: fc.boolean() }) },
);

/** So that about as much is allowed as is not. */
const BEFORE: readonly Step[] = [
  ...['database d', 'schema d.S0', 'schema d.S1'].map((on) => ({ kind: 'usage', on, role: 'R0', give: true }) as const),
  ...['R1', 'R2', 'R3'].map((role) => ({ kind: 'to role', lower: 'R0', role, give: true }) as const),
  { kind: 'to user', role: 'R1', give: true },
  { kind: 'to user', role: 'R2', give: true },
];

/** What Snowflake's rules say, as plain sets. */
class Model {
  readonly held = new Set<string>();
  readonly under = new Set<string>();
  readonly ofUser = new Set<string>();
  current = 'PUBLIC';
  secondary = true;

  inherited(top: string): Set<string> {
    const found = new Set([top]);
    for (const one of found) for (const lower of ROLES) if (this.under.has(`${lower}<${one}`)) found.add(lower);
    return found;
  }

  available(): Set<string> {
    return new Set(['PUBLIC', ...[...this.ofUser].flatMap((one) => [...this.inherited(one)])]);
  }

  may(action: Action, table: string): boolean {
    const own = this.available();
    const active = [...(own.has(this.current) ? this.inherited(this.current) : []), ...(this.secondary ? own : [])];
    const holds = (what: string) => active.some((one) => this.held.has(`${one}:${what}`));
    return holds('database d') && holds(`schema d.${table.slice(0, 2)}`) && holds(`${action} ${table}`);
  }
}

let fixture: EngineFixture;
let admin: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  admin = await fixture.session({ user: 'ADMIN', access: { roles: ['ACCOUNTADMIN'] } });
});
afterAll(async () => await fixture.stop());

test('whatever is granted and revoked, a user may do what the model says and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 80 }), async (steps) => {
      await start();
      const user = await fixture.session({ user: 'U', access: { roles: [] } });
      const model = new Model();
      for (const one of [...BEFORE, ...steps]) await take(one, model, user);
      for (const table of TABLES)
        for (const action of Object.keys(ACTIONS) as Action[]) {
          const did = await succeeds(user, ACTIONS[action](table));
          expect(did, `${action} on ${table} after ${JSON.stringify(steps)}`).toBe(model.may(action, table));
        }
      await user.session.close();
    }),
    { numRuns: 12 },
  );
});

async function start(): Promise<void> {
  await admin.run('create or replace database d');
  for (const name of ['S0', 'S1']) await admin.run(`create schema d.${name}`);
  for (const table of TABLES) await admin.run(`create table d.${table} (n int)`);
  for (const name of ROLES) await admin.run(`create or replace role ${name}`);
  await admin.run('create or replace user u');
}

/** Does it in the engine and in the model. */
async function take(one: Step, model: Model, user: Client): Promise<void> {
  if (one.kind === 'use') {
    const able = model.available().has(one.role);
    expect(await succeeds(user, `use role ${one.role}`)).toBe(able);
    if (able) model.current = one.role;
    return;
  }
  if (one.kind === 'secondary') {
    await user.run(`use secondary roles ${one.all ? 'all' : 'none'}`);
    model.secondary = one.all;
    return;
  }
  const [verb, word] = one.give ? ['grant', 'to'] : ['revoke', 'from'];
  const [what, set, key] =
    one.kind === 'on table'
      ? [
          `${one.privilege} on table d.${one.on} ${word} role ${one.role}`,
          model.held,
          `${one.role}:${one.privilege} ${one.on}`,
        ]
      : one.kind === 'usage'
        ? [`usage on ${one.on} ${word} role ${one.role}`, model.held, `${one.role}:${one.on}`]
        : one.kind === 'to role'
          ? [`role ${one.lower} ${word} role ${one.role}`, model.under, `${one.lower}<${one.role}`]
          : [`role ${one.role} ${word} user u`, model.ofUser, one.role];
  await admin.run(`${verb} ${what}`);
  if (one.give) set.add(key);
  else set.delete(key);
}

async function succeeds(client: Client, text: string): Promise<boolean> {
  try {
    await client.run(text);
    return true;
  } catch (error) {
    expect(['002003', '003001', '003013']).toContain((error as { number: string }).number);
    return false;
  }
}
