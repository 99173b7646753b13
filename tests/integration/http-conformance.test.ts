import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HttpService } from '../../src/http/http-service.js';
import { fixtures } from './conformance/fixtures.js';

const HERE = resolve('tests/integration/conformance');
const SUITE = resolve('node_modules/@modelcontextprotocol/conformance/dist/index.js');

let url: URL;
let service: HttpService;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-snow-conformance-'));
  service = new HttpService({
    factory: fixtures,
    tokens: {
      verify: async () => ({ refused: 'unknown' }),
      voided: async () => new Map(),
      required: async () => false,
    },
    host: '127.0.0.1',
    port: 0,
    onError: () => undefined,
  });
  url = await service.listen();
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each(['2025-11-25', '2026-07-28'])(
  'keeps to the protocol of %s, as the public suite tests it',
  {
    timeout: 120_000,
  },
  async (revision) => {
    const suite = spawn(
      process.execPath,
      [
        ...['--import', join(HERE, 'on-node-20.mjs')],
        ...[SUITE, 'server', '--url', url.href, '--suite', 'all', '--spec-version', revision],
        ...['--expected-failures', join(HERE, `expected-failures-${revision}.yml`), '--output-dir', folder],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder },
    );
    const [told, complained, [code]] = await Promise.all([
      text(suite.stdout),
      text(suite.stderr),
      once(suite, 'exit') as Promise<[number]>,
    ]);
    expect(code, `${told}\n${complained}`).toBe(0);
    expect(told).toMatch(/dns-rebinding-protection: \d+ passed, 0 failed/);
  },
);
