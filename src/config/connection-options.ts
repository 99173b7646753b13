import { expandHome } from './paths.js';

/** Keys of connections.toml whose name in snowflake-sdk is not just the camel-case form. */
const OPTION_NAMES: Readonly<Record<string, string>> = {
  user: 'username',
  private_key_file: 'privateKeyPath',
  private_key_raw: 'privateKey',
  private_key_passphrase: 'privateKeyPass',
  private_key_file_pwd: 'privateKeyPass',
  private_key_pwd: 'privateKeyPass',
  passphrase: 'privateKeyPass',
  mfa_passcode: 'passcode',
  client_request_mfa_token: 'clientRequestMFAToken',
  disable_saml_url_check: 'disableSamlURLCheck',
  crl_allow_certificates_without_crl_url: 'crlAllowCertificatesWithoutCrlURL',
};

const BOOLEANS = new Set([
  'clientSessionKeepAlive',
  'clientStoreTemporaryCredential',
  'clientRequestMFAToken',
  'passcodeInPassword',
  'serverSessionKeepAlive',
]);
const NUMBERS = new Set(['proxyPort', 'clientSessionKeepAliveHeartbeatFrequency', 'browserActionTimeout', 'timeout']);
const PATHS = new Set(['privateKeyPath', 'tokenFilePath', 'credentialCacheDir']);

/** Keys of a connection as the `snow` CLI names them, as options of snowflake-sdk's `createConnection`. */
export function driverOptions(
  keys: Readonly<Record<string, unknown>>,
  home: string,
): Readonly<Record<string, unknown>> {
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(keys)) {
    if (value === undefined || value === '') continue;
    const name = OPTION_NAMES[key] ?? camelCase(key);
    options[name] = typed(name, value, home);
  }
  // A key pair says by itself how it wants to be used.
  if (options.authenticator === undefined && (options.privateKey ?? options.privateKeyPath) !== undefined)
    options.authenticator = 'SNOWFLAKE_JWT';
  return withAccessUrl(options);
}

function withAccessUrl(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { host, port, protocol, ...rest } = options;
  if (host === undefined || rest.accessUrl !== undefined) return rest;
  return { ...rest, accessUrl: `${protocol ?? 'https'}://${host}${port === undefined ? '' : `:${port}`}` };
}

function typed(name: string, value: unknown, home: string): unknown {
  if (typeof value !== 'string') return value;
  if (BOOLEANS.has(name)) return /^(?:true|1|yes)$/i.test(value);
  if (NUMBERS.has(name)) return Number(value);
  return PATHS.has(name) ? expandHome(value, home) : value;
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
