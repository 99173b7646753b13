import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

describe('defaults that take numbers from sequences', () => {
  let fixture: EngineFixture;
  let client: Client;
  beforeAll(async () => {
    fixture = await EngineFixture.start();
    client = await fixture.session();
    for (const statement of [
      'CREATE DATABASE shop',
      'CREATE SCHEMA sales',
      'CREATE SEQUENCE numbers',
      'CREATE TABLE orders (id INT DEFAULT numbers.NEXTVAL, what VARCHAR)',
      "INSERT INTO orders (what) VALUES ('a'), ('b')",
      'USE SCHEMA shop.public',
      'CREATE SEQUENCE numbers START 1000',
    ])
      await client.run(statement);
  });
  afterAll(() => fixture.stop());

  it('are told by the full name of the sequence', async () => {
    const described = await client.run('DESCRIBE TABLE shop.sales.orders');
    expect(described.rows[0]?.[4]).toBe('SHOP.SALES.NUMBERS.NEXTVAL');
  });

  it('stay those of the same sequence in a clone that is made from another schema', async () => {
    await client.run('CREATE TABLE kept CLONE shop.sales.orders');
    await client.run("INSERT INTO kept (what) VALUES ('c')");
    expect(await client.rows("SELECT id FROM kept WHERE what = 'c'")).toEqual([['3']]);
  });

  it('go over to the copy of the sequence where its schema is cloned', async () => {
    await client.run('CREATE SCHEMA shop.tests CLONE shop.sales');
    await client.run("INSERT INTO shop.tests.orders (what) VALUES ('d')");
    await client.run("INSERT INTO shop.sales.orders (what) VALUES ('e')");
    expect(await client.cell("SELECT id FROM shop.tests.orders WHERE what = 'd'")).toBe('4');
    expect(await client.cell("SELECT id FROM shop.sales.orders WHERE what = 'e'")).toBe('4');
  });

  it('go over to the copy in another schema where the database is cloned', async () => {
    await client.run('CREATE TABLE shop.public.bills (id INT DEFAULT shop.sales.numbers.NEXTVAL, what VARCHAR)');
    await client.run('CREATE DATABASE twin CLONE shop');
    await client.run("INSERT INTO twin.public.bills (what) VALUES ('f')");
    const described = await client.run('DESCRIBE TABLE twin.public.bills');
    expect(described.rows[0]?.[4]).toBe('TWIN.SALES.NUMBERS.NEXTVAL');
    expect(await client.cell('SELECT id FROM twin.public.bills')).toBe('5');
    expect(await client.cell('SELECT shop.sales.numbers.NEXTVAL')).toBe('5');
  });

  it('that are of an identity column go on in a clone', async () => {
    await client.run('CREATE TABLE shop.public.steps (id INT IDENTITY(10, -5), what VARCHAR)');
    await client.run("INSERT INTO shop.public.steps (what) VALUES ('a'), ('b')");
    await client.run('CREATE TABLE shop.public.further CLONE shop.public.steps');
    await client.run("INSERT INTO shop.public.further (what) VALUES ('c')");
    expect(await client.cell('SELECT min(id) FROM shop.public.further')).toBe('0');
  });
});
