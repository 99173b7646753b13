import { type Finding, ok, wrong } from './finding.js';

const OLDEST_NODE = [20, 19] as const;

export function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const found = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
  return recent ? ok('node', found) : wrong('node', found, `Install Node ${OLDEST_NODE.join('.')} or newer.`);
}

/** The parts that are compiled for one platform and one version of Node, really loaded. */
export async function nativeModules(): Promise<Finding> {
  const parts: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['better-sqlite3', async () => new (await import('better-sqlite3')).default(':memory:').close()],
    ['@duckdb/node-api', () => import('@duckdb/node-api')],
  ];
  const broken: string[] = [];
  for (const [name, load] of parts)
    await load().catch((failure: Error) => broken.push(`${name}: ${failure.message.split('\n', 1)[0]}`));
  if (broken.length === 0) return ok('modules', parts.map(([name]) => name).join(', '));
  return wrong(
    'modules',
    broken.join('; '),
    'Install again with the Node that runs it, without --ignore-scripts and --omit=optional: npm rebuild, or npm install.',
  );
}
