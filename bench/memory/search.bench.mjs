// A search in memories against the same search in a plain FTS5 table (porter, unicode61, bm25, filtered by namespace), over the
// same texts in one run: all in one namespace, which is the plain table's best case, and spread over a hundred.
// 10,000 and 100,000 memories; MCP_SNOW_BENCH=full adds 1,000,000 (some minutes to fill).
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Driver from 'better-sqlite3';
import { contentOf } from '../../dist/memory/stored-memory.js';
import { searchTerms } from '../../dist/memory/text/search-terms.js';
import { openDatabase } from '../../dist/store/sqlite/connection.js';
import { prepareMemoryReading } from '../../dist/store/sqlite/memory-reading.js';
import { prepareMemoryWrites } from '../../dist/store/sqlite/memory-writes.js';
import { applyMigrations } from '../../dist/store/sqlite/migrator.js';
import { draws, QUESTIONS, textOf } from './texts.mjs';

const SIZES = process.env.MCP_SNOW_BENCH === 'full' ? [10_000, 100_000, 1_000_000] : [10_000, 100_000];
const ROUNDS = 7;
const PER_TRANSACTION = 500;

const asker = (namespace) => ({ client: `client-${namespace}`, owner: `client-${namespace}`, quotas: false });

async function filled(folder, memories, namespaces) {
  const ours = await openDatabase(join(folder, 'ours.db'), 'NORMAL');
  await applyMigrations(ours, 'ours.db');
  const plain = new Driver(join(folder, 'plain.db'));
  plain.pragma('journal_mode = WAL');
  plain.pragma('cache_size = -16384');
  plain.exec(`CREATE TABLE memories (id INTEGER PRIMARY KEY, namespace INTEGER NOT NULL, text TEXT NOT NULL);
    CREATE VIRTUAL TABLE memory_text USING fts5 (text, content = 'memories', content_rowid = 'id', tokenize = 'porter unicode61')`);
  const writes = prepareMemoryWrites({ db: ours, now: Date.now }, () => undefined);
  const addRow = plain.prepare('INSERT INTO memories VALUES (?, ?, ?)');
  const addText = plain.prepare('INSERT INTO memory_text (rowid, text) VALUES (?, ?)');
  const draw = draws(42);
  const spent = { ours: 0, plain: 0, text: 0 };
  for (let from = 0; from < memories; from += PER_TRANSACTION) {
    const batch = Array.from({ length: PER_TRANSACTION }, (_, at) => {
      const text = textOf(draw);
      spent.text += text.length;
      return { id: from + at + 1, namespace: (from + at) % namespaces, text };
    });
    const begun = performance.now();
    ours.transaction(() => {
      for (const { id, namespace, text } of batch)
        writes.store(asker(namespace), 'own', { id: `m-${String(id).padStart(9, '0')}`, ...contentOf(text, {}) });
    })();
    const between = performance.now();
    plain.transaction(() => {
      for (const { id, namespace, text } of batch) {
        addRow.run(id, namespace, text);
        addText.run(id, text);
      }
    })();
    spent.ours += between - begun;
    spent.plain += performance.now() - between;
    if (from % 50_000 === 0) {
      ours.pragma('wal_checkpoint(TRUNCATE)');
      plain.pragma('wal_checkpoint(TRUNCATE)');
    }
  }
  ours.pragma('wal_checkpoint(TRUNCATE)');
  plain.pragma('wal_checkpoint(TRUNCATE)');
  return { ours, plain, spent };
}

const middle = (times) => times.sort((one, other) => one - other)[Math.floor(times.length / 2)];
const part = (times, share) =>
  times.sort((one, other) => one - other)[Math.min(times.length - 1, Math.floor(times.length * share))];

function timed(work) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = performance.now();
    work();
    times.push(performance.now() - begun);
  }
  return middle(times);
}

async function compared(memories, namespaces) {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-'));
  const { ours, plain, spent } = await filled(folder, memories, namespaces);
  try {
    const answer = prepareMemoryReading(ours);
    const plainSearch = plain.prepare(
      `SELECT memories.id, memories.text, bm25(memory_text) AS rank FROM memory_text
       JOIN memories ON memories.id = memory_text.rowid
       WHERE memory_text MATCH ? AND memories.namespace = ? ORDER BY rank LIMIT 10`,
    );
    const search = (question) =>
      answer({
        ask: 'search',
        asker: asker(1 % namespaces),
        where: 'own',
        search: { ...searchTerms(question), limit: 10, offset: 0 },
        now: Date.now(),
      });
    const found = QUESTIONS.map((question) => ({
      ours: timed(() => search(question)),
      plain: timed(() =>
        plainSearch.all(
          question
            .split(' ')
            .map((word) => `"${word}"`)
            .join(' '),
          1 % namespaces,
        ),
      ),
    }));
    const sum = (of) => found.reduce((total, each) => total + each[of], 0);
    return {
      p50: part(
        found.map((each) => each.ours),
        0.5,
      ),
      p95: part(
        found.map((each) => each.ours),
        0.95,
      ),
      plainP50: part(
        found.map((each) => each.plain),
        0.5,
      ),
      plainP95: part(
        found.map((each) => each.plain),
        0.95,
      ),
      ratio: sum('ours') / sum('plain'),
      worst: Math.max(...found.map((each) => each.ours / each.plain)),
      writes: spent.ours / spent.plain,
      perSecond: (memories / spent.ours) * 1_000,
      bytes: (await stat(join(folder, 'ours.db'))).size / spent.text,
      plainBytes: (await stat(join(folder, 'plain.db'))).size / spent.text,
    };
  } finally {
    ours.close();
    plain.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function run() {
  const rows = [];
  for (const memories of SIZES)
    for (const namespaces of [1, 100]) {
      const at = `${memories.toLocaleString('en-US')} in ${namespaces === 1 ? 'one namespace' : '100 namespaces'}`;
      const figures = await compared(memories, namespaces);
      rows.push(
        { figure: `${at}: search p50`, value: figures.p50, unit: 'ms', note: `plain ${figures.plainP50.toFixed(2)}` },
        { figure: `${at}: search p95`, value: figures.p95, unit: 'ms', note: `plain ${figures.plainP95.toFixed(2)}` },
        {
          figure: `${at}: cost over plain FTS5`,
          value: figures.ratio,
          unit: 'times',
          note: `worst question ${figures.worst.toFixed(2)}`,
        },
        {
          figure: `${at}: storing`,
          value: figures.perSecond,
          unit: '/s',
          note: `500 a transaction; ${figures.writes.toFixed(2)} times plain`,
        },
        {
          figure: `${at}: bytes of the file for each byte of text`,
          value: figures.bytes,
          note: `plain ${figures.plainBytes.toFixed(2)}`,
        },
      );
    }
  return { name: 'memory/search', rows };
}
