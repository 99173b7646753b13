import type { Entry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { notAvailable } from '../../engine/versions/moments.js';
import type { PastMoment } from '../scope.js';
import type { TokenCursor } from '../token-cursor.js';
import { translateMoment } from '../translate.js';

/** The past that a schema or database is cloned from. */
export interface ClonedPast {
  readonly at: PastMoment;
  /** Leaves out tables whose past is not kept, which are an error otherwise. */
  readonly ignoring: boolean;
}

/** `AT (…)` or `BEFORE (…)` behind the name of what is cloned; undefined where there is none. */
export function acceptMoment(cursor: TokenCursor, context: CommandContext): PastMoment | undefined {
  const word = cursor.acceptOneOf('AT', 'BEFORE');
  if (word === undefined) return undefined;
  return translateMoment(`${word} (${cursor.parenthesised().text})`, context.scope('CLONE'));
}

/** The same with what CREATE SCHEMA and CREATE DATABASE may say behind it. */
export function acceptClonedPast(cursor: TokenCursor, context: CommandContext): ClonedPast | undefined {
  const at = acceptMoment(cursor, context);
  const ignoring = cursor.accept('IGNORE', 'TABLES', 'WITH', 'INSUFFICIENT', 'DATA', 'RETENTION');
  cursor.accept('IGNORE', 'HYBRID', 'TABLES');
  return at === undefined ? undefined : { at, ignoring };
}

/** Whether the object was there at the moment. */
export function wasThere({ createdAt, droppedAt }: Entry, { at }: PastMoment): boolean {
  return createdAt * 1000 < at && (droppedAt === undefined || droppedAt * 1000 > at);
}

/** Throws 000707 for a schema or database that was not there at the moment. */
export function assertWasThere(entry: Entry, past: ClonedPast | undefined): void {
  if (past !== undefined && !wasThere(entry, past.at)) throw notAvailable(entry);
}

/** DuckDB SQL of a table's rows at the moment; undefined for a table to be left out. */
export function clonedRows(rowsAt: () => string, { ignoring }: ClonedPast): string | undefined {
  try {
    return rowsAt();
  } catch (error) {
    if (ignoring && error instanceof LocalError && error.number === '000707') return undefined;
    throw error;
  }
}
