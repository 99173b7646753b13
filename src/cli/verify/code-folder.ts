import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILES_PER_FOLDER = 250;

const AT_ONCE = 16;

/** Fills a folder with models of a made-up warehouse: each file is one table's query over two others, some 30 lines. */
export async function writeCode(folder: string, files: number): Promise<void> {
  for (let from = 0; from < files; from += FILES_PER_FOLDER)
    await mkdir(join(folder, `area_${from / FILES_PER_FOLDER}`), { recursive: true });
  let next = 0;
  const write = async (): Promise<void> => {
    for (let at = next++; at < files; at = next++) {
      const area = Math.floor(at / FILES_PER_FOLDER);
      await writeFile(join(folder, `area_${area}`, `model_${at}.sql`), model(at, files));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, write));
}

function model(at: number, of: number): string {
  const columns = Array.from({ length: 12 }, (_, column) => `  amount_${at}_${column} number(12, 2), -- in cents`);
  const sums = Array.from({ length: 12 }, (_, column) => `  sum(l.amount_${at}_${column}) as total_${column},`);
  return [
    `create table warehouse.model_${at} (`,
    '  order_key number not null,',
    ...columns,
    '  loaded_at timestamp_ntz',
    ');',
    `create view report_${at} as select`,
    ...sums,
    '  count(*) as orders',
    `from model_${at} l join model_${(at * 7 + 1) % of} r on r.order_key = l.order_key;`,
    '',
  ].join('\n');
}
