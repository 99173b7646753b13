import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;

beforeAll(async () => {
  fixture = await EngineFixture.start();
});
afterAll(async () => await fixture.stop());

const tried = (user: string) => fixture.engine.accessLog.record({ type: 'login', user, success: false });
const users = () => fixture.engine.accessLog.latest().map(({ user }) => user);

test('attempts outlive a restart, newest first', async () => {
  tried('FIRST');
  tried('SECOND');
  await fixture.restart();
  expect(users()).toEqual(['SECOND', 'FIRST']);
  tried('THIRD');
  const [third, second] = fixture.engine.accessLog.latest();
  expect(third).toMatchObject({ user: 'THIRD', factor: 'NONE', success: false });
  expect(third?.id).toBe((second?.id ?? 0) + 1);
});

test('the last 10,000 are kept, each of bounded size', async () => {
  for (let i = 0; i < 10_010; i++) tried(`U${i}`);
  tried('x'.repeat(5_000));
  expect(users()).toHaveLength(10_000);
  expect(users()[0]).toHaveLength(200);
  await fixture.restart();
  expect(users()).toHaveLength(10_000);
  expect(users().slice(1, 3)).toEqual(['U10009', 'U10008']);
});
