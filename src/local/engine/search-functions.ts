import { isIP } from 'node:net';
import { BOOLEAN, type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import { addressNumber } from './ip-addresses.js';

/** Stands around each word of `unicode_words`. */
const EDGE = '\u0001';

/** Gives DuckDB what SEARCH and SEARCH_IP ask for: `unicode_words(text)`, `has_address(text, address or range)`. */
export function registerSearchFunctions(connection: DuckDBConnection): void {
  const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'unicode_words',
      parameterTypes: [VARCHAR],
      returnType: VARCHAR,
      mainFunction: (_info, input, output) => {
        const texts = input.getColumnVector(0);
        for (let row = 0; row < input.rowCount; row++) {
          const text = texts.getItem(row) as string | null;
          output.setItem(row, text === null ? null : words(text.toLowerCase(), segmenter));
        }
        output.flush();
      },
    }),
  );
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'has_address',
      parameterTypes: [VARCHAR, VARCHAR],
      returnType: BOOLEAN,
      mainFunction: (info, input, output) => {
        const [texts, wanted] = [input.getColumnVector(0), input.getColumnVector(1)];
        for (let row = 0; row < input.rowCount; row++) {
          const text = texts.getItem(row) as string | null;
          const range = rangeOf(String(wanted.getItem(row)));
          if (range === undefined) {
            info.setError(`001353/22023: Invalid IP address or range in SEARCH_IP: '${wanted.getItem(row)}'`);
            return;
          }
          output.setItem(row, text === null ? null : hasAddress(text, range));
        }
        output.flush();
      },
    }),
  );
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
