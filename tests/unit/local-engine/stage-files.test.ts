import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fromDuckDb } from '../../../src/local/engine/duckdb-errors.js';
import { md5Of, StageFiles } from '../../../src/local/engine/stages/stage-files.js';
import { UnloadWriter } from '../../../src/local/engine/stages/unload-writer.js';

const root = mkdtempSync(join(tmpdir(), 'mcp-snow-stage-files-'));
afterAll(() => rmSync(root, { recursive: true }));

test('what is unloaded is in no list before it is whole; two that write the same file do not mix', async () => {
  const stages = new StageFiles(root);
  const target = join(await stages.make('s1'), 'out.csv');
  const writers = await Promise.all([1, 2].map(() => UnloadWriter.open(target, 'out.csv', 'NONE')));
  for (const writer of writers) await writer.write('1,2\n', 1);
  const [first, second] = writers as [UnloadWriter, UnloadWriter];
  expect(await stages.list('s1', '')).toEqual([]);
  await first.close();
  await second.close();
  expect(await stages.list('s1', '')).toMatchObject([{ path: 'out.csv', bytes: 4 }]);
});

test('a file that was removed after it was listed is told as Snowflake does, without where it lay', async () => {
  const stages = new StageFiles(root);
  writeFileSync(join(await stages.make('s2'), 'gone.csv'), '1\n');
  const [file] = await stages.list('s2', '');
  if (file === undefined) throw new Error('not listed');
  await stages.removeFile(file);
  const error = fromDuckDb(await md5Of(file).catch((thrown: unknown) => thrown));
  expect(error).toMatchObject({ number: '091016', sqlState: '22000' });
  expect(error.message).toContain("Remote file 'gone.csv' was not found.");
  expect(error.message).not.toContain(root);
});
