import { userInfo } from 'node:os';

/**
 * What a client that was given no name is called: the name it gives itself, and the OS user. A label for accounting: whoever
 * can start the process may open the store.
 */
export function clientLabel(clientName: string | undefined, user: string = osUser()): string {
  return `${plain(clientName ?? '') || 'mcp-client'}@${plain(user) || 'user'}`;
}

function plain(name: string): string {
  return name
    .trim()
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}

function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A process whose uid has no entry in the user database.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
