import { createHash } from 'node:crypto';
import { SnowError } from '../errors/snow-error.js';

/** Whom a setting of a flag is for; the narrowest wins: client, group, percentage, all. */
export type FlagScope =
  | 'all'
  | { readonly group: string }
  | { readonly client: string }
  /** Clients whose stable hash with the flag's name falls below this percentage (0 to 100); growing it only adds clients. */
  | { readonly percentage: number };

export interface FlagDefinition {
  readonly phase: 1 | 2 | 3 | 4 | 5;
  /** `all`: only for the whole system. `client`: also for a group, a client, or a percentage of the clients. */
  readonly scope: 'all' | 'client';
  /** False when this version has the off side only. */
  readonly built: boolean;
  readonly on: string;
  readonly off: string;
}

/** Every flag there is. Without a setting a flag is on where its on side is built. */
export const FLAGS = {
  'connection-pool': {
    phase: 1,
    scope: 'all',
    built: true,
    on: 'pooled connections, concurrent statements',
    off: 'one connection behind one global lock, per process',
  },
  'read-write-locks': {
    phase: 2,
    scope: 'all',
    built: true,
    on: 'shared and exclusive lock per resource',
    off: 'the same lock, always held exclusively',
  },
  'rate-limits': {
    phase: 2,
    scope: 'client',
    built: true,
    on: 'token buckets',
    off: 'no rate limits',
  },
  'client-sessions': {
    phase: 3,
    scope: 'client',
    built: true,
    on: 'a context per client',
    off: 'one context shared by all',
  },
  quotas: {
    phase: 3,
    scope: 'client',
    built: true,
    on: 'windows enforced',
    off: 'counted only',
  },
  'fair-queue': {
    phase: 3,
    scope: 'all',
    built: true,
    on: 'weighted fair order',
    off: 'first in, first out',
  },
  knowledge: {
    phase: 3,
    scope: 'client',
    built: true,
    on: 'answers carry what memories and repositories say about the table at hand',
    off: 'answers without them',
  },
  'job-queue': {
    phase: 4,
    scope: 'client',
    built: true,
    on: 'durable jobs, workers anywhere',
    off: 'run inside the request',
  },
  'circuit-breaker': {
    phase: 4,
    scope: 'all',
    built: true,
    on: 'breaker, adaptive backoff, degradation',
    off: 'fixed retry',
  },
  'distributed-store': {
    phase: 5,
    scope: 'all',
    built: false,
    on: 'Redis',
    off: 'SQLite',
  },
} as const satisfies Record<string, FlagDefinition>;

export type FlagName = keyof typeof FLAGS;

export const FLAG_NAMES = Object.keys(FLAGS) as readonly FlagName[];

/** What each phase of the roll-out is called. */
export const PHASES = {
  1: 'stabilise',
  2: 'concurrency',
  3: 'isolation',
  4: 'job queue',
  5: 'scale out',
} as const satisfies Record<FlagDefinition['phase'], string>;

export type Phase = keyof typeof PHASES;

export function flagDefinition(flag: FlagName): FlagDefinition {
  return FLAGS[flag];
}

export function flagsOfPhase(phase: Phase): readonly FlagName[] {
  return FLAG_NAMES.filter((flag) => FLAGS[flag].phase === phase);
}

/** The part of a stored setting that decides. */
export interface FlagRule {
  readonly flag: string;
  readonly scope: FlagScope;
  readonly on: boolean;
}

export interface FlagSubject {
  readonly client: string;
  readonly group?: string;
}

/** Whether the flag is on for a client. A flag of the whole system is the same for everybody. */
export function decide(flag: FlagName, who: FlagSubject, settings: readonly FlagRule[]): boolean {
  const definition = flagDefinition(flag);
  if (!definition.built) return false;
  const rules = settings.filter((setting) => setting.flag === flag);
  const ofClient = definition.scope === 'client' ? narrowest(flag, who, rules) : undefined;
  return (ofClient ?? rules.find(({ scope }) => scope === 'all'))?.on ?? true;
}

/** Of all flags for a client: what a job is admitted with. */
export function decideAll(who: FlagSubject, settings: readonly FlagRule[]): Readonly<Record<FlagName, boolean>> {
  if (settings.length === 0) return WITHOUT_SETTINGS;
  return Object.fromEntries(FLAG_NAMES.map((flag) => [flag, decide(flag, who, settings)])) as Record<FlagName, boolean>;
}

const WITHOUT_SETTINGS = Object.freeze(
  Object.fromEntries(FLAG_NAMES.map((flag) => [flag, FLAGS[flag].built])) as Record<FlagName, boolean>,
);

function narrowest(flag: FlagName, who: FlagSubject, rules: readonly FlagRule[]): FlagRule | undefined {
  const find = (covers: (scope: Exclude<FlagScope, 'all'>) => boolean): FlagRule | undefined =>
    rules.find(({ scope }) => scope !== 'all' && covers(scope));
  return (
    find((scope) => 'client' in scope && scope.client === who.client) ??
    find((scope) => 'group' in scope && scope.group === who.group) ??
    find((scope) => 'percentage' in scope && placeOf(flag, who.client) < scope.percentage)
  );
}

/** A client's place among all clients for one flag, evenly spread over 0 up to 100: it never changes. */
export function placeOf(flag: FlagName, client: string): number {
  const hash = createHash('sha256').update(`${flag}\u0000${client}`).digest();
  return (hash.readUIntBE(0, 6) / 2 ** 48) * 100;
}

/** The flag of this name. Throws `INVALID_ARGUMENT` that names the known ones. */
export function flagNamed(name: string): FlagName {
  const flag = FLAG_NAMES.find((known) => known === name);
  if (flag === undefined)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `There is no flag ${JSON.stringify(name.slice(0, 80))}.`,
      hint: `Flags are ${FLAG_NAMES.join(', ')}.`,
    });
  return flag;
}

/** Throws `INVALID_ARGUMENT` for a setting that could not take effect. `null` removes one, which is always possible. */
export function checkFlagSetting(name: string, scope: FlagScope, on: boolean | null): void {
  const flag = flagNamed(name);
  const { scope: widest, built } = flagDefinition(flag);
  const refuse = (message: string, hint: string): never => {
    throw new SnowError({ code: 'INVALID_ARGUMENT', message, hint });
  };
  if (scope !== 'all') {
    if (widest === 'all')
      refuse(`The flag ${flag} is set for the whole system only.`, 'Leave out the client, group or percentage.');
    if ('percentage' in scope && !(scope.percentage >= 0 && scope.percentage <= 100))
      refuse(`${scope.percentage} is no percentage.`, 'Give a number from 0 to 100.');
    if ('client' in scope && scope.client === '') refuse('The client has no name.', 'Name one.');
    if ('group' in scope && scope.group === '') refuse('The group has no name.', 'Name one.');
  }
  if (on && !built)
    refuse(`What ${flag} switches on is not in this version.`, `It stays off: ${flagDefinition(flag).off}.`);
}
