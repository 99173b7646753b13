import { hostname, networkInterfaces } from 'node:os';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'] as const;

/** Addresses that mean "all of this machine's". */
const WILDCARDS = new Set(['0.0.0.0', '::', '[::]', '']);

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Host names by which this server may be called, without port, IPv6 in brackets. A page that reached it under another name
 * (DNS rebinding) is refused.
 *
 * @param host the address that is listened on
 * @param publicUrl where a proxy in front of it is reached
 */
export function ownNames(host: string, publicUrl?: URL): readonly string[] {
  const names = new Set<string>([...LOOPBACK, bracketed(host)]);
  if (WILDCARDS.has(host)) {
    names.add(hostname().toLowerCase());
    for (const addresses of Object.values(networkInterfaces()))
      for (const { address } of addresses ?? []) names.add(bracketed(address));
  }
  if (publicUrl !== undefined) names.add(publicUrl.hostname);
  return [...names];
}

/** The host as it stands in a URL. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host.toLowerCase();
}
