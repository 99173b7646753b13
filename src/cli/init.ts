import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChalkInstance } from 'chalk';
import { SnowError } from '../errors/snow-error.js';
import type { GlobalOptions } from './global-options.js';
import { terminal } from './terminal.js';

export interface InitOptions extends GlobalOptions {
  readonly force?: boolean;
}

const EXECUTABLE = fileURLToPath(new URL('../../bin/mcp-snow.js', import.meta.url));

function write(path: string, text: string, force: boolean): void {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx', mode: 0o600 });
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `${path} is there already; nothing was changed.`,
        hint: 'Use --force to overwrite it.',
      });
    }
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${path} could not be written (${code ?? 'unknown error'}).`,
      hint: 'Name another place with --config.',
    });
  }
}

/** Writes a settings file and says how to connect the usual MCP clients. */
export async function init(options: InitOptions): Promise<void> {
  const { settingsFileText } = await import('./settings-file.js');
  const path = resolve(options.config ?? 'mcp-snow.toml');
  write(path, settingsFileText(options), options.force ?? false);

  const args = [EXECUTABLE, 'serve', '--stdio', '--config', path];
  const server = { command: process.execPath, args };
  const clients = {
    claudeDesktop: { mcpServers: { snowflake: server } },
    claudeCode: `claude mcp add snowflake -- ${[process.execPath, ...args].map(shellWord).join(' ')}`,
    rooCode: { mcpServers: { snowflake: { type: 'stdio', ...server } } },
  };
  await terminal({ json: options.json ?? false, color: options.color }).result(
    { config: path, clients },
    (paint: ChalkInstance) =>
      [
        `${paint.green('Wrote')} ${path}`,
        '',
        paint.bold('Claude Desktop: in claude_desktop_config.json'),
        JSON.stringify(clients.claudeDesktop, null, 2),
        '',
        paint.bold('Claude Code: in a shell'),
        clients.claudeCode,
        '',
        paint.bold('Roo Code: in .roo/mcp.json'),
        JSON.stringify(clients.rooCode, null, 2),
      ].join('\n'),
  );
}

/** A word that a POSIX shell takes as it is. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
