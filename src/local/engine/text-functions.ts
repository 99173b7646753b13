import { isIP } from 'node:net';
import { deflateRawSync, deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import { BLOB, type DuckDBConnection, INTEGER, VARCHAR } from '@duckdb/node-api';
import { editDistance } from './edit-distance.js';
import { addressNumber } from './ip-addresses.js';
import { bytesOf, registerRowFunction } from './row-function.js';

/** What a decompressed value may have at most. */
const MAX_BYTES = 16_777_216;

/** Gives DuckDB functions over texts and bytes that it lacks: PARSE_IP's work, edit distances in characters, COMPRESS and its inverse. */
export function registerTextFunctions(connection: DuckDBConnection): void {
  registerRowFunction(connection, 'parse_ip_address', [VARCHAR], VARCHAR, ([text]) =>
    JSON.stringify(parseIp(String(text))),
  );
  registerRowFunction(connection, 'character_distance', [VARCHAR, VARCHAR], INTEGER, ([a, b]) =>
    editDistance(String(a), String(b)),
  );
  registerBytes(connection, 'compress_bytes', (bytes, method) =>
    method === 'ZLIB' ? deflateSync(bytes) : deflateRawSync(bytes),
  );
  registerBytes(connection, 'decompress_bytes', (bytes, method) => {
    const options = { maxOutputLength: MAX_BYTES };
    return method === 'ZLIB' ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
  });
}

/** `name(bytes, method)`; NULL where `change` throws. */
function registerBytes(
  connection: DuckDBConnection,
  name: string,
  change: (bytes: Uint8Array, method: string) => Uint8Array,
): void {
  registerRowFunction(connection, name, [BLOB, VARCHAR], BLOB, ([bytes, method]) => {
    try {
      return change(bytesOf(bytes), String(method));
    } catch {
      return null;
    }
  });
}

/** PARSE_IP's object for `address` or `address/prefix`, or one with `error`. */
function parseIp(text: string): Readonly<Record<string, unknown>> {
  const match = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text);
  const host = match?.[1] ?? '';
  const version = isIP(host);
  const bits = version === 4 ? 32 : 128;
  const prefix = match?.[2] === undefined ? undefined : Number(match[2]);
  if (version === 0 || (prefix ?? 0) > bits) return { error: `parse error: invalid IP address '${text}'` };
  const address = addressNumber(host, version);
  const common = {
    family: version,
    host,
    ip_fields: Array.from({ length: 4 }, (_, i) => (version === 4 && i > 0 ? 0 : field(address, i, version))),
    ip_type: 'inet',
    netmask_prefix_length: prefix ?? null,
    snowflake$type: 'ip_address',
  };
  const mask = ((1n << BigInt(bits)) - 1n) ^ ((1n << BigInt(bits - (prefix ?? bits))) - 1n);
  const first = address & mask;
  const last = first | (((1n << BigInt(bits)) - 1n) ^ mask);
  if (version === 4) {
    const range = prefix === undefined ? {} : { ipv4_range_start: Number(first), ipv4_range_end: Number(last) };
    return { ...common, ipv4: Number(address), ...range };
  }
  const hex = (value: bigint): string => value.toString(16).toUpperCase().padStart(32, '0');
  const range = prefix === undefined ? {} : { hex_ipv6_range_start: hex(first), hex_ipv6_range_end: hex(last) };
  return { ...common, hex_ipv6: hex(address), ...range };
}

function field(address: bigint, i: number, version: number): number {
  return version === 4 ? Number(address) : Number((address >> BigInt(96 - 32 * i)) & 0xffffffffn);
}
