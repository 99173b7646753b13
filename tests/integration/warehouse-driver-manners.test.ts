import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fail, WireStub } from './wire-stub.js';

let stub: WireStub;
let folder: string;

beforeEach(async () => {
  stub = await WireStub.start();
  folder = mkdtempSync(join(tmpdir(), 'mcp-snow-manners-'));
});

afterEach(async () => {
  await stub.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `body` in a process of its own, with the adapter and the stub's profile at hand. */
async function inProcess(
  body: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const adapter = pathToFileURL(join(process.cwd(), 'dist/warehouse/snowflake/connection.js'));
  const script = `
    const { openConnection } = await import('${adapter}');
    const profile = ${JSON.stringify(stub.profile())};
    const request = (sql, more = {}) => ({ sql, requestId: crypto.randomUUID(), queryTag: '', maxRows: 10, maxBytes: 1e6,
      timeoutMs: 5000, stallMs: 5000, onRows: async () => {}, ...more });
    ${body}
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

describe('the driver in a process of ours', () => {
  it('writes nothing to the terminal or the working directory, sends no telemetry, and lets the process end', async () => {
    const { code, stdout, stderr } = await inProcess(`
      const connection = await openConnection(profile);
      await connection.execute(request('SELECT 2'));
      await connection.close();
    `);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readdirSync(folder)).toEqual([]);
    expect(stub.requests.filter(({ path }) => path.includes('telemetry'))).toEqual([]);
  });

  it('does not send a loopback connection through the proxy of the environment', async () => {
    const proxy = 'http://127.0.0.1:9';
    const { code, stderr } = await inProcess(
      `const connection = await openConnection(profile); await connection.close();`,
      { http_proxy: proxy, HTTP_PROXY: proxy, https_proxy: proxy, HTTPS_PROXY: proxy, no_proxy: '', NO_PROXY: '' },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('does not end the process by what it answers late', async () => {
    stub.onQuery = (_seen, response) => void setTimeout(() => fail(response, '000604', 'SQL execution canceled'), 900);
    stub.onAbort = () => {};
    const { code, stdout, stderr } = await inProcess(`
      const connection = await openConnection(profile);
      const failed = await connection.execute(request('SELECT 2', { stallMs: 100 })).catch((error) => error.code);
      await connection.close();
      await new Promise((resolve) => setTimeout(resolve, 600));
      console.log(failed);
    `);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'CONNECTION_FAILED\n', stderr: '' });
  });
});
