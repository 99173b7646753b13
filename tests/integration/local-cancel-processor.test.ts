import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { RowStatement } from 'snowflake-sdk';
import { expect, it, vi } from 'vitest';
import { localSnowflake } from './local-engine-process.js';
import { type DriverError, deferred, run } from './local-wire/driver.js';

const TICKS_PER_SECOND = 100;
const ENDLESS = `select count(*) from SNOWFLAKE_SAMPLE_DATA.TPCH_SF1.LINEITEM a, SNOWFLAKE_SAMPLE_DATA.TPCH_SF1.LINEITEM b,
  SNOWFLAKE_SAMPLE_DATA.TPCH_SF1.LINEITEM c where a.L_TAX + b.L_TAX * c.L_TAX > 5`;

/** Seconds of processor time that a process has used. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold blanks; user and system time are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Share of one core over a tenth of a second. */
async function processorShare(pid: number): Promise<number> {
  const from = performance.now();
  const before = processorSeconds(pid);
  await delay(100);
  return (processorSeconds(pid) - before) / ((performance.now() - from) / 1000);
}

const local = localSnowflake('cancel');

it('a cancelled statement lets go of the processor within a second and stands as 000604 in the history', async () => {
  const { pid } = local.host;
  const ended = deferred<DriverError | undefined>();
  const statement: RowStatement = local.connection.execute({
    sqlText: ENDLESS,
    complete: (error) => ended.resolve(error as DriverError | undefined),
  });
  // On a busy machine the engine gets what others leave; a fifth of a core is far from idle.
  await vi.waitUntil(async () => (await processorShare(pid)) > 0.2, { timeout: 20_000, interval: 1 });

  const cancelledAt = performance.now();
  await new Promise<void>((resolve, reject) => statement.cancel((error) => (error ? reject(error) : resolve())));
  await vi.waitUntil(async () => (await processorShare(pid)) < 0.1, { timeout: 5000, interval: 1 });
  expect(performance.now() - cancelledAt).toBeLessThan(1000);

  const error = await ended.promise;
  expect(error?.code).toBe('000604');
  const queryId = String(error?.data?.queryId);
  const { rows } = await run(
    local.connection,
    `select ERROR_CODE, EXECUTION_STATUS from table(SNOWFLAKE_SAMPLE_DATA.INFORMATION_SCHEMA.QUERY_HISTORY()) where QUERY_ID = '${queryId}'`,
  );
  expect(rows).toMatchObject([{ ERROR_CODE: '000604' }]);
});
