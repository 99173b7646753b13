/**
 * The proxy of one connection, from HTTPS_PROXY / HTTP_PROXY and NO_PROXY (either case), as driver options. The
 * driver's own reading of these variables is a switch for the whole process and does not spare loopback addresses.
 */
export function proxyOptions(
  options: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv = process.env,
): Readonly<Record<string, unknown>> {
  if (options.proxyHost !== undefined) return {};
  const target = targetOf(options);
  const noProxy = variable(env, 'no_proxy') ?? '';
  if (isLoopback(target.hostname) || isExempt(target.hostname, noProxy)) return {};
  const address = variable(env, target.protocol === 'http:' ? 'http_proxy' : 'https_proxy');
  const proxy = address === undefined ? undefined : parse(address);
  if (proxy === undefined) return {};
  return {
    proxyHost: proxy.hostname,
    proxyPort: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)),
    proxyProtocol: proxy.protocol.replace(':', ''),
    ...(proxy.username === '' ? {} : { proxyUser: decodeURIComponent(proxy.username) }),
    ...(proxy.password === '' ? {} : { proxyPassword: decodeURIComponent(proxy.password) }),
    ...(noProxy === ''
      ? {}
      : {
          noProxy: noProxy
            .split(',')
            .map((entry) => entry.trim())
            .join('|'),
        }),
  };
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127\./.test(hostname);
}

function targetOf(options: Readonly<Record<string, unknown>>): URL {
  const written = options.accessUrl ?? (options.host === undefined ? undefined : `https://${String(options.host)}`);
  return parse(String(written ?? '')) ?? new URL('https://snowflakecomputing.com');
}

function parse(address: string): URL | undefined {
  const text = address.includes('://') ? address : `http://${address}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

function isExempt(hostname: string, noProxy: string): boolean {
  return noProxy
    .split(',')
    .map((entry) => entry.trim().replace(/^\*/, ''))
    .some((entry) =>
      entry === ''
        ? false
        : entry.startsWith('.')
          ? hostname.endsWith(entry)
          : hostname === entry || hostname.endsWith(`.${entry}`),
    );
}
