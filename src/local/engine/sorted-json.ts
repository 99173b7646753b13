/** An object of the text has the key twice. */
export class DuplicateKey extends Error {
  constructor(key: string) {
    super(`duplicate object attribute ${key}`);
  }
}

/** An object or array that is being read; positions are those of the whole text. */
interface Open {
  readonly object: boolean;
  readonly start: number;
  /** Of an object: the members' keys, where each begins, and where the ones before the last end. */
  readonly keys: string[];
  readonly starts: number[];
  readonly ends: number[];
  ascending: boolean;
  /** What is inside and had to be sorted. */
  readonly changes: Change[];
}

interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * The same JSON with the keys of each object in alphabetical order, numbers and texts as they are written. `json` is valid and has no
 * blanks between its tokens. Of equal keys the last one stays with `lastOfEqual`; else they throw DuplicateKey.
 */
export function sortedJson(json: string, lastOfEqual: boolean): string {
  const whole: Open = opened(false, 0);
  const stack = [whole];
  let current = whole;
  let keyComes = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === QUOTE) {
      const end = endOfText(json, i);
      if (keyComes) {
        addKey(current, keyOf(json, i, end), i);
        keyComes = false;
      }
      i = end;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      keyComes = code === OPEN_OBJECT;
      current = opened(keyComes, i);
      stack.push(current);
    } else if (code === COMMA) {
      keyComes = current.object;
      if (keyComes) current.ends.push(i);
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      const closed = current;
      stack.pop();
      current = stack[stack.length - 1] ?? whole;
      keyComes = false;
      if (closed.ascending) {
        for (const change of closed.changes) current.changes.push(change);
      } else {
        closed.ends.push(i);
        current.changes.push({ start: closed.start, end: i + 1, text: sorted(json, closed, lastOfEqual) });
      }
    }
  }
  return whole.changes.length === 0 ? json : changed(json, 0, json.length, whole.changes);
}

function opened(object: boolean, start: number): Open {
  return { object, start, keys: [], starts: [], ends: [], ascending: true, changes: [] };
}

function addKey(open: Open, key: string, start: number): void {
  const last = open.keys[open.keys.length - 1];
  if (last !== undefined && key <= last) open.ascending = false;
  open.keys.push(key);
  open.starts.push(start);
}

function keyOf(json: string, start: number, end: number): string {
  const written = json.slice(start + 1, end);
  return written.includes('\\') ? String(JSON.parse(`"${written}"`)) : written;
}

/** Where the closing quote stands. */
function endOfText(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let before = end - 1;
    while (json.charCodeAt(before) === BACKSLASH) before--;
    if ((end - before) % 2 === 1) return end;
  }
}

function sorted(json: string, { keys, starts, ends, changes }: Open, lastOfEqual: boolean): string {
  const order = keys.map((_, i) => i).sort((a, b) => compare(keys[a] ?? '', keys[b] ?? '') || a - b);
  const kept = order.filter((member, i) => {
    const next = order[i + 1];
    const equal = next !== undefined && keys[member] === keys[next];
    if (equal && !lastOfEqual) throw new DuplicateKey(JSON.stringify(keys[member]));
    return !equal;
  });
  return `{${kept.map((i) => changed(json, starts[i] ?? 0, ends[i] ?? 0, changes)).join(',')}}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function changed(json: string, from: number, to: number, changes: readonly Change[]): string {
  let text = '';
  let done = from;
  for (let i = firstFrom(changes, from); i < changes.length; i++) {
    const change = changes[i] as Change;
    if (change.start >= to) break;
    text += json.slice(done, change.start) + change.text;
    done = change.end;
  }
  return text + json.slice(done, to);
}

/** Index of the first change that begins at `from` or later: they stand in order. */
function firstFrom(changes: readonly Change[], from: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle] as Change).start < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
