// npm run bench [-- NAME …]: runs the benchmarks under bench/<room>/ one after the other and prints their figures.
// Figures of one run are for comparing with each other; seconds of a shared machine say little by themselves.
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const here = import.meta.dirname;
const wanted = process.argv.slice(2);

const files = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((room) =>
    readdirSync(join(here, room.name))
      .filter((file) => file.endsWith('.bench.mjs'))
      .map((file) => ({ name: `${room.name}/${file.replace('.bench.mjs', '')}`, path: join(here, room.name, file) })),
  )
  .sort((a, b) => a.name.localeCompare(b.name));

const chosen = wanted.length === 0 ? files : files.filter((file) => wanted.some((name) => file.name.includes(name)));
if (chosen.length === 0) {
  console.error(`no benchmark is called ${wanted.join(', ')}; there are: ${files.map((file) => file.name).join(', ')}`);
  process.exit(2);
}

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
for (const file of chosen) {
  const { run } = await import(pathToFileURL(file.path).href);
  const { name, rows } = await run();
  console.log(`\n${name}`);
  const width = Math.max(...rows.map((row) => row.figure.length));
  for (const row of rows) {
    const value = typeof row.value === 'number' ? String(Number(row.value.toPrecision(4))) : row.value;
    console.log(`  ${row.figure.padEnd(width)}  ${value} ${row.unit ?? ''}${row.note ? `  (${row.note})` : ''}`);
  }
}
