import { userInfo } from 'node:os';

/**
 * What a client that was given no name is called: the name it gives itself, and the OS user. A label for accounting: whoever
 * can start the process may open the store.
 */
export function clientLabel(clientName: string | undefined, owner: string = osUser()): string {
  return `${plain(clientName ?? '') || 'mcp-client'}@${plain(owner) || 'user'}`;
}

function plain(name: string): string {
  return name
    .trim()
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}

let user: string | undefined;

/** Looked up once: it takes a system call, or a directory service. */
function osUser(): string {
  try {
    user ??= userInfo().username;
  } catch {
    // A process whose uid has no entry in the user database.
    user = `uid-${process.getuid?.() ?? 'unknown'}`;
  }
  return user;
}
