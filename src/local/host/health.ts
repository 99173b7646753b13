import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { bootId } from './boot-id.js';
import type { HostInfo } from './host-file.js';

/**
 * `alive`: it answered as the process in the host file. `dead`: that process is gone, or something else has its place.
 * `stopped`: it is there but halted (SIGSTOP, a debugger). `silent`: it runs but does not answer.
 */
export type HostState = 'alive' | 'dead' | 'stopped' | 'silent';

type Answer = 'right' | 'wrong' | 'refused' | 'none';

function ask(info: HostInfo, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = { Authorization: `Bearer ${info.token}` };
    const outgoing = request(`${info.url}/api/v1/health`, { headers, agent: false }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (part: string) => {
        text += part;
        if (text.length > 65_536) incoming.destroy();
      });
      incoming.on('end', () => resolve(isAnswerOf(info, text) ? 'right' : 'wrong'));
      incoming.on('close', () => resolve('wrong'));
    });
    const timer = setTimeout(() => {
      resolve('none');
      outgoing.destroy();
    }, timeoutMs);
    outgoing.on('error', () => resolve('refused'));
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.end();
  });
}

/** The second is what versions before 1.0 said. */
const WELL: ReadonlySet<unknown> = new Set(['healthy', 'ok']);

function isAnswerOf(info: HostInfo, text: string): boolean {
  try {
    const health = JSON.parse(text) as { status?: unknown; pid?: unknown };
    return WELL.has(health.status) && health.pid === info.pid;
  } catch {
    return false;
  }
}

export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the system says that the process is halted; false where it can't be asked. */
function isStopped(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[Tt]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Asks the process in the host file who it is. A busy one gets `patienceMs` in all before it counts as silent. */
export async function hostState(info: HostInfo, patienceMs: number): Promise<HostState> {
  if (info.bootId !== bootId() || !isProcessAlive(info.pid)) return 'dead';
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const left = deadline - Date.now();
    const answer = await ask(info, Math.max(1, Math.min(1000, left)));
    if (answer === 'right') return 'alive';
    if (answer !== 'none' || !isProcessAlive(info.pid)) return 'dead';
    if (isStopped(info.pid)) return 'stopped';
    if (Date.now() >= deadline) return 'silent';
  }
}
