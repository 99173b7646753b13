import { delimiter } from 'node:path';
import { SETTING_NAMES, type SettingName, variableOf } from './settings-keys.js';

/** What is set for the local Snowflake. */
export interface LocalSettings {
  /** Folder of its files; absent means beside the database. */
  readonly data?: string;
  /** Where `local serve` listens. */
  readonly host?: string;
  readonly port?: number;
  /** All the rest, as the variables that its process reads. */
  readonly variables: Readonly<Record<string, string>>;
}

const OURS = new Set<SettingName>(['local.data', 'local.host', 'local.port']);

export function localSettings(read: (name: SettingName) => unknown): LocalSettings {
  const data = read('local.data') as string | undefined;
  const host = read('local.host') as string | undefined;
  const port = read('local.port') as number | undefined;
  const told = SETTING_NAMES.filter((name) => name.startsWith('local.') && !OURS.has(name)).flatMap((name) => {
    const value = read(name) as string | number | readonly string[] | undefined;
    if (value === undefined) return [];
    const separator = name === 'local.stage_folders' ? delimiter : ',';
    return [[variableOf(name), typeof value === 'object' ? value.join(separator) : String(value)] as const];
  });
  return {
    ...(data === undefined ? {} : { data }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    variables: Object.fromEntries(told),
  };
}
