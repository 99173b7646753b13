import { parseSignature, signatureOf } from '../sql/commands/routine-signature.js';
import { duckString } from '../sql/lexer.js';
import { TokenCursor } from '../sql/token-cursor.js';
import type { EntryKind } from './catalog/entries.js';
import { getDdl } from './get-ddl.js';
import { findTagged, tagKey, tagValue } from './object-tags.js';
import { missing, type SessionNames } from './session-names.js';

/** The SQL of a function that tells of an object of the catalog; undefined for another one. */
export function catalogFunction(
  name: string,
  args: readonly (string | number | null)[],
  names: SessionNames,
): string | undefined {
  if (name === 'SYSTEM$GET_TAG') {
    const [tag = '', object = '', domain = ''] = args.map((arg) => String(arg ?? ''));
    const tagged = findTagged(domain, new TokenCursor(object).name(), names);
    const value = tagValue(tagKey(new TokenCursor(tag).name(), names), tagged, names);
    return value === undefined ? 'CAST(NULL AS VARCHAR)' : duckString(value);
  }
  if (name === 'SYSTEM$PIPE_STATUS') return duckString(pipeStatus(String(args[0] ?? ''), names));
  if (name === 'GET_DDL') return duckString(ddlOf(args, names));
  return undefined;
}

function pipeStatus(name: string, names: SessionNames): string {
  const place = names.place(new TokenCursor(name).name(), 'SYSTEM$PIPE_STATUS');
  const pipe = names.findIn(place.schema, 'pipe' as EntryKind, place.name);
  if (pipe === undefined || !('definition' in pipe)) throw missing('Pipe', place);
  const paused = pipe.attributes.PIPE_EXECUTION_PAUSED?.toUpperCase() === 'TRUE';
  return JSON.stringify({ executionState: paused ? 'PAUSED' : 'RUNNING', pendingFileCount: 0 });
}

function ddlOf([kind, name, qualified]: readonly (string | number | null)[], names: SessionNames): string {
  const text = String(name ?? '');
  const open = text.indexOf('(');
  const path = new TokenCursor(open < 0 ? text : text.slice(0, open)).name();
  if (open < 0) return getDdl(String(kind), path, String(qualified) === 'true', names);
  const types = parseSignature(new TokenCursor(text.slice(open)));
  const last = signatureOf(path.at(-1) ?? '', types);
  return getDdl(String(kind), [...path.slice(0, -1), last], String(qualified) === 'true', names);
}
