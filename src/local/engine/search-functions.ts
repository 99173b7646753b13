import { isIP } from 'node:net';
import { BOOLEAN, type DuckDBConnection, VARCHAR } from '@duckdb/node-api';
import { addressNumber } from './ip-addresses.js';
import { RowError, registerRowFunction } from './row-function.js';

/** Stands around each word of `unicode_words`. */
const EDGE = '\u0001';

/** Gives DuckDB what SEARCH and SEARCH_IP ask for: `unicode_words(text)`, `has_address(text, address or range)`. */
export function registerSearchFunctions(connection: DuckDBConnection): void {
  const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
  registerRowFunction(connection, 'unicode_words', [VARCHAR], VARCHAR, ([text]) =>
    words(String(text).toLowerCase(), segmenter),
  );
  registerRowFunction(connection, 'has_address', [VARCHAR, VARCHAR], BOOLEAN, ([text, wanted]) => {
    const range = rangeOf(String(wanted));
    if (range === undefined) throw new RowError(`001353/22023: Invalid IP address or range in SEARCH_IP: '${wanted}'`);
    return hasAddress(String(text), range);
  });
}

function words(text: string, segmenter: Intl.Segmenter): string {
  const found = [...segmenter.segment(text)].filter(({ isWordLike }) => isWordLike === true);
  return `${EDGE}${found.map(({ segment }) => segment).join(EDGE)}${EDGE}`;
}

interface Range {
  readonly version: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** `address` or `address/prefix`. */
function rangeOf(text: string): Range | undefined {
  const [, host = '', prefix] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const address = addressOf(host);
  if (address === undefined) return undefined;
  const bits = address.version === 4 ? 32 : 128;
  const open = BigInt(bits - Number(prefix ?? bits));
  if (open < 0n) return undefined;
  const first = (address.number >> open) << open;
  return { version: address.version, first, last: first + (1n << open) - 1n };
}

/** An address, leading zeros allowed (three digits a part of IPv4, four of IPv6). */
function addressOf(text: string): { readonly version: number; readonly number: bigint } | undefined {
  if (!/^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*(?:\d{1,3}(?:\.\d{1,3}){3})?)$/.test(text))
    return undefined;
  const plain = text.replace(/(?<=^|[.:])0+(?=\d+(?:\.|$))/g, '');
  const version = isIP(plain);
  return version === 0 ? undefined : { version, number: addressNumber(plain, version) };
}

function hasAddress(text: string, { version, first, last }: Range): boolean {
  for (const [candidate] of text.matchAll(/[0-9A-Fa-f:][0-9A-Fa-f:.]*/g)) {
    const address = addressOf(candidate.replace(/[.]+$/, '')) ?? addressOf(candidate.replace(/(?<!:):$/, ''));
    if (address?.version === version && address.number >= first && address.number <= last) return true;
  }
  return false;
}
