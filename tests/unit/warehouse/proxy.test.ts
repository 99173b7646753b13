import { describe, expect, it } from 'vitest';
import { proxyOptions } from '../../../src/warehouse/snowflake/proxy.js';

const account = { accessUrl: 'https://acme.snowflakecomputing.com' };

describe('the proxy of a connection', () => {
  it('is the one of the environment, with its credentials and exceptions', () => {
    const env = { HTTPS_PROXY: 'http://me:p%40ss@proxy.example:3128', no_proxy: 'internal.example, .corp' };
    expect(proxyOptions(account, env)).toEqual({
      proxyHost: 'proxy.example',
      proxyPort: 3128,
      proxyProtocol: 'http',
      proxyUser: 'me',
      proxyPassword: 'p@ss',
      noProxy: 'internal.example|.corp',
    });
    expect(proxyOptions({ account: 'acme' }, { https_proxy: 'proxy.example' })).toMatchObject({
      proxyHost: 'proxy.example',
      proxyPort: 80,
    });
  });

  it.each(['http://127.0.0.1:4000', 'http://localhost:4000', 'http://[::1]:4000'])(
    'is never used for %s',
    (accessUrl) => {
      expect(
        proxyOptions({ accessUrl }, { http_proxy: 'http://proxy.example', https_proxy: 'http://proxy.example' }),
      ).toEqual({});
    },
  );

  it.each([
    'acme.snowflakecomputing.com',
    '.snowflakecomputing.com',
    '*.snowflakecomputing.com',
    'snowflakecomputing.com',
  ])('is spared by NO_PROXY=%s', (exempt) => {
    expect(proxyOptions(account, { HTTPS_PROXY: 'http://proxy.example', NO_PROXY: exempt })).toEqual({});
  });

  it('is the connection’s own when it names one', () => {
    expect(proxyOptions({ ...account, proxyHost: 'mine' }, { HTTPS_PROXY: 'http://proxy.example' })).toEqual({});
    expect(proxyOptions(account, {})).toEqual({});
  });
});
