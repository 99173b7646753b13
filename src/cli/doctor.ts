import type { ChalkInstance } from 'chalk';
import type { Connections } from '../config/connections.js';
import type { Settings } from '../config/settings.js';
import { breakers, flags, httpAccess } from './doctor/access.js';
import { databaseFile, databaseFolder } from './doctor/database-file.js';
import { examined, type Finding, failed, ok, warning } from './doctor/finding.js';
import { localSnowflake } from './doctor/local-snowflake.js';
import { nativeModules, node } from './doctor/program-parts.js';
import { clock, jobs, workers } from './doctor/queue-state.js';
import { EXIT } from './exit-code.js';
import type { GlobalOptions } from './global-options.js';
import { openStoreOf } from './open-store.js';
import { profileResolver } from './profiles.js';
import { chooseConnection, loadSettings, localDataOf } from './settings.js';
import { type Step, startStep } from './step.js';
import { terminal } from './terminal.js';

const LOGIN_TIMEOUT_MS = 30_000;

/** A lease or a start that is late by more is nobody's business any more (ms). */
const OVERDUE_MS = 60_000;

async function queue(settings: Settings): Promise<readonly Finding[]> {
  const { findings, examination } = await databaseFile(settings.db, OVERDUE_MS);
  if (examination?.queue === undefined) return findings;
  const { queue: found } = examination;
  return [...findings, ...workers(found), ...jobs(found), ...clock(found), ...(await insideStore(settings))];
}

/** Only of a file that is whole and of this version, for whoever opens a store migrates it. */
async function insideStore(settings: Settings): Promise<readonly Finding[]> {
  const store = await openStoreOf(settings);
  try {
    return [
      ...(await examined('flags', () => flags(store))),
      ...(await examined('breakers', () => breakers(store))),
      ...(await examined('http', () => httpAccess(store))),
    ];
  } finally {
    await store.close();
  }
}

async function login(connections: Connections, name: string, settings: Settings): Promise<readonly Finding[]> {
  const profile = await profileResolver(connections, localDataOf(settings), settings.local.variables)(name);
  const { openConnection } = await import('../warehouse/snowflake/connection.js');
  const connection = await openConnection(profile);
  try {
    await connection.ping(LOGIN_TIMEOUT_MS);
  } finally {
    await connection.close();
  }
  return [ok('connection', `${name}: logged in`)];
}

async function connection(settings: Settings): Promise<readonly Finding[]> {
  const { profile, connections } = await chooseConnection(settings);
  return [
    ...connections.warnings.map((text) => warning('connections', text)),
    ...(await examined('connection', () => login(connections, profile.name, settings))),
  ];
}

async function examineAll(options: GlobalOptions, step: Step): Promise<readonly Finding[]> {
  step.update('looking at the program');
  const findings: Finding[] = [node(), await nativeModules()];
  let settings: Settings;
  try {
    settings = await loadSettings(options);
  } catch (thrown) {
    return [...findings, failed('settings', thrown)];
  }
  findings.push(ok('settings', settings.file ?? 'no file; defaults and environment'));
  step.update(`looking at ${settings.db}`);
  findings.push(...(await examined('folder', () => databaseFolder(settings.db))));
  findings.push(...(await examined('database', () => queue(settings))));
  findings.push(...(await examined('local Snowflake', () => localSnowflake(localDataOf(settings)))));
  step.update('logging in');
  findings.push(...(await examined('connection', () => connection(settings))));
  return findings;
}

function text(findings: readonly Finding[], paint: ChalkInstance): string {
  const marks = { ok: paint.green('ok     '), warning: paint.yellow('warning'), wrong: paint.red('wrong  ') };
  return findings
    .map(({ check, state, found, hint }) => {
      const line = `${marks[state]}  ${check.padEnd(16)} ${found}`;
      return hint === undefined ? line : `${line}\n${' '.repeat(26)}${paint.bold(hint)}`;
    })
    .join('\n');
}

/** Looks at everything a statement needs on its way, logs in once, and exits with 1 when something is wrong. */
export async function doctor(options: GlobalOptions): Promise<void> {
  const step = await startStep('looking', options);
  const findings = await examineAll(options, step).finally(() => step.end());
  const healthy = findings.every((finding) => finding.state !== 'wrong');
  await terminal({ json: options.json ?? false, color: options.color }).result({ healthy, findings }, (paint) =>
    text(findings, paint),
  );
  process.exitCode = healthy ? EXIT.done : EXIT.failed;
}
