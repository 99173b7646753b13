import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

function run(level: string): { readonly stdout: string; readonly stderr: string } {
  const script = `
    const { createLogger } = await import('./dist/telemetry/logger.js');
    const log = await createLogger(${JSON.stringify(level)}, 'test');
    log.warn({ token: 'hunter2', connection: { password: 'hunter2' }, deep: { er: { privateKey: 'hunter2' } }, job: 7 }, 'told');
    log.debug({}, 'whispered');
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return { stdout, stderr };
}

describe('a logger', () => {
  it('writes a JSON line to stderr without secrets, and nothing to stdout', () => {
    const { stdout, stderr } = run('info');
    expect(stdout).toBe('');
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'warn',
      name: 'test',
      msg: 'told',
      job: 7,
      token: '***',
      connection: { password: '***' },
    });
    expect(stderr).not.toContain('hunter2');
  });

  it('that is silent writes nothing', () => {
    expect(run('silent').stderr).toBe('');
  });
});
