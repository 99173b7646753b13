import { FLAGS, type FlagName, type FlagScope, flagDefinition } from '../config/flags.js';
import type { FlagSetting } from '../store/flag-store.js';

/** A flag as `--json` prints it; times are milliseconds since the Unix epoch. */
export interface FlagJson {
  readonly flag: FlagName;
  readonly phase: number;
  readonly scope: 'all' | 'client';
  /** For the client that was asked for, else for everybody no narrower setting is for. */
  readonly state: FlagState;
  /** What the state means. */
  readonly means: string;
  readonly settings: readonly {
    readonly scope: FlagScope;
    readonly on: boolean;
    readonly set_at: number;
    readonly set_by: string;
  }[];
}

export type FlagState = 'on' | 'off' | 'not in this version';

export function flagJson(flag: FlagName, on: boolean, settings: readonly FlagSetting[]): FlagJson {
  const { phase, scope, built } = flagDefinition(flag);
  return {
    flag,
    phase,
    scope,
    state: built ? (on ? 'on' : 'off') : 'not in this version',
    means: on ? FLAGS[flag].on : FLAGS[flag].off,
    settings: settings
      .filter((setting) => setting.flag === flag)
      .map((setting) => ({ scope: setting.scope, on: setting.on, set_at: setting.setAt, set_by: setting.setBy })),
  };
}

/** `all`, `client ann`, `group analysts`, `10%`. */
export function scopeText(scope: FlagScope): string {
  if (scope === 'all') return 'all';
  if ('client' in scope) return `client ${scope.client}`;
  if ('group' in scope) return `group ${scope.group}`;
  return `${scope.percentage}%`;
}

/** The settings narrower than `all`: `client ann: off, 10%: on`. */
export function exceptionsText(settings: FlagJson['settings']): string {
  return settings
    .filter(({ scope }) => scope !== 'all')
    .map(({ scope, on }) => `${scopeText(scope)}: ${on ? 'on' : 'off'}`)
    .join(', ');
}
