import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const MOST_LINES = 1_000;
/** Statements that set a secret are not kept. */
const SECRET = /password|secret|private_key|credential|token|passphrase|rsa_public_key/i;

/** Where statements typed before are kept, by the XDG base directory specification. */
export function historyPath(environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(state, 'mcp-snow', 'sql-history');
}

/** Newest first, as readline wants them; none where the file cannot be read. */
export function readHistory(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(-MOST_LINES).reverse();
  } catch {
    return [];
  }
}

/** Keeps what was typed, for the next time, readable by its owner alone. A history that cannot be written is none. */
export function writeHistory(path: string, newestFirst: readonly string[]): void {
  const lines = newestFirst.filter(isKept).slice(0, MOST_LINES).reverse();
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    chmodSync(path, 0o600);
  } catch {
    // Nobody's statement fails because a home directory is read-only.
  }
}

export function isKept(line: string): boolean {
  return line.trim() !== '' && !SECRET.test(line);
}
