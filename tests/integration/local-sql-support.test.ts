import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typeName } from '../../src/local/sql/emit/invalid-cast.js';
import { type Client, EngineFixture } from '../unit/local-engine/engine-fixture.js';
import { type Case, readAreas } from './local-sql-support/read-cases.js';
import { showCell } from './local-sql-support/show-cell.js';
import { supportPage } from './local-sql-support/support-page.js';

const areas = readAreas(join(import.meta.dirname, 'local-sql-support'));

describe('the local Snowflake gives what Snowflake documents', () => {
  let fixture: EngineFixture;
  beforeAll(async () => {
    fixture = await EngineFixture.start();
  });
  afterAll(() => fixture.stop());

  describe.each(areas.map((area, i) => ({ ...area, database: `AREA${i}` })))('$title', ({ setup, cases, database }) => {
    let client: Client;
    beforeAll(async () => {
      client = await fixture.workspace(database);
      await client.run("ALTER SESSION SET TIMEZONE = 'UTC'");
      for (const statement of setup) await client.run(statement);
    });

    it.each(cases)('$feature: $written', async (one) => {
      const given = await outcomeOf(client, one);
      expect(given.shown).toEqual(one.expected.startsWith('! ') ? expect.stringContaining(one.expected) : one.expected);
      if (one.types !== undefined) expect(given.types).toBe(one.types);
    });
  });
});

it('docs/local-sql-support.md is what the cases say', async () => {
  await expect(supportPage(areas)).toMatchFileSnapshot('../../docs/local-sql-support.md');
});

async function outcomeOf(client: Client, { sql, expected }: Case): Promise<{ shown: string; types: string }> {
  if (expected.startsWith('! ')) {
    const { number, message } = await client.fails(sql);
    return { shown: `! ${number} ${message.replaceAll(/\s+/g, ' ')}`, types: '' };
  }
  const { outcome, rows } = await client.run(sql);
  const { columns } = outcome;
  const lines = rows.map((row) =>
    row.map((cell, i) => showCell(cell, (columns[i] as (typeof columns)[number]).type)).join('|'),
  );
  return {
    shown: lines.length === 1 ? (lines[0] ?? '') : `[${lines.join(' ; ')}]`,
    types: columns
      .map((column) => typeName(column.type))
      .join(', ')
      .replaceAll('(16777216)', ''),
  };
}
