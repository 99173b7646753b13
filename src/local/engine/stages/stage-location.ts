import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unsupported } from '../../sql/syntax-error.js';
import { TokenCursor } from '../../sql/token-cursor.js';
import type { StageEntry } from '../catalog/entries.js';
import type { CommandContext } from '../command.js';
import { LocalError } from '../local-error.js';
import { missing } from '../session-names.js';
import { staysInside } from './stage-files.js';

/** `@stage/path`, `@%table/path` or `@~/path`, found. */
export interface StageLocation {
  /** Folder of its files, see `StageFiles`. */
  readonly key: string;
  /** What its files' names begin with in listings: `my_stage/`, nothing for tables and users. */
  readonly shown: string;
  /** The path behind the stage, without a leading `/`. */
  readonly path: string;
  readonly stage?: StageEntry;
}

/** The privilege that it takes, where sessions are held back. */
export type StageUse = 'READ' | 'WRITE';

/** The next token as a location: a stage, its text in quotes, or a bind that holds it. */
export async function parseLocation(
  cursor: TokenCursor,
  context: CommandContext,
  operation: string,
  use: StageUse = 'READ',
): Promise<StageLocation> {
  return await locate(locationText(cursor, context), context, operation, use);
}

function locationText(cursor: TokenCursor, context: CommandContext): string {
  const token = cursor.next();
  if (token.kind === 'stage') return `@${token.value}`;
  if (token.kind === 'string') return token.value;
  const bind = token.kind === 'symbol' && token.value === '?' ? context.input.binds?.['1']?.value : undefined;
  if (typeof bind === 'string') return bind;
  throw cursor.error(token);
}

/**
 * Throws 001011 for a text that is no location, 002003/02000 for a stage or table that does not exist, 000002 for a stage in
 * the cloud, 003001 for a folder that is not allowed.
 */
export async function locate(
  text: string,
  context: CommandContext,
  operation: string,
  use: StageUse = 'READ',
): Promise<StageLocation> {
  if (/^(s3|s3gov|gcs|azure):\/\//i.test(text)) throw unsupported(`${operation} with an external location`);
  if (/^file:\/\//i.test(text)) {
    context.names.rights?.assertInAccount('CREATE INTEGRATION');
    return await outsideLocation(text, '', context);
  }
  if (!text.startsWith('@')) throw invalidPrefix(text);
  const slash = firstSlash(text);
  const name = text.slice(1, slash);
  const path = text.slice(slash + 1);
  if (!staysInside(path)) {
    throw new LocalError('001011', '42601', `SQL compilation error:\nthe path '${path}' leads out of the stage`);
  }
  if (name === '~') return { key: userKey(context.state.user), shown: '', path };
  const table = /^((?:.*\.)?)%(.+)$/s.exec(name);
  if (table !== null) {
    const { entry } = context.names.table(nameOf(`${table[1]}${table[2]}`), operation);
    context.names.assertMay('OWNERSHIP', entry);
    return { key: `t${entry.id}`, shown: '', path };
  }
  const place = context.names.place(nameOf(name), operation);
  const stage = context.names.findIn(place.schema, 'stage', place.name);
  if (stage === undefined) throw missing('Stage', place);
  context.names.assertMay(stage.url === '' ? use : 'USAGE', stage);
  if (/^file:\/\//i.test(stage.url)) return { ...(await outsideLocation(stage.url, path, context)), stage };
  if (stage.url !== '') throw unsupported(`${operation} with an external stage`);
  return { key: `s${stage.id}`, shown: `${stage.name.toLowerCase()}/`, path, stage };
}

/** `file:///folder[/file]`, in one of the folders that the server was told it may read and write. */
async function outsideLocation(url: string, path: string, { stages }: CommandContext): Promise<StageLocation> {
  const bare = url.replace(/^file:\/\//i, '').replace(/\/+$/, '');
  const folder = await stages.outside(bare);
  const whole = folder === undefined ? undefined : await stat(stages.directory(folder));
  if (folder !== undefined && whole?.isDirectory() === true) return { key: folder, shown: `file://${bare}/`, path };
  const parent = await stages.outside(dirname(bare));
  if (parent === undefined) {
    throw new LocalError(
      '003001',
      '42501',
      `SQL access control error:\nThe local Snowflake may not use the folder of '${url}', or it does not exist. MCP_SNOW_LOCAL_STAGE_FOLDERS names the folders that it may use.`,
    );
  }
  const file = bare.slice(bare.lastIndexOf('/') + 1);
  return { key: parent, shown: `file://${dirname(bare)}/`, path: path === '' ? file : `${file}/${path}` };
}

export function invalidPrefix(text: string): LocalError {
  return new LocalError('001011', '42601', `SQL compilation error:\ninvalid URL prefix found in: '${text}'`);
}

function nameOf(text: string): readonly string[] {
  const cursor = new TokenCursor(text);
  const name = cursor.name();
  cursor.expectEnd();
  return name;
}

/** The first `/` outside double quotes, or the end. */
function firstSlash(text: string): number {
  const bare = text.replace(/"(?:[^"]|"")*"/g, (quoted) => '"'.repeat(quoted.length));
  const at = bare.indexOf('/');
  return at < 0 ? text.length : at;
}

function userKey(user: string): string {
  return `u${Buffer.from(user).toString('hex')}`;
}
