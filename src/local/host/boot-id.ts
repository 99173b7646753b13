import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/**
 * Tells this run of the machine from earlier ones, so that a process id written down before a restart is not taken for
 * whoever has it now. Where the system has no such id, the minute of its start stands in.
 */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `started-${Math.round((Date.now() - uptime() * 1000) / 60_000)}`;
  }
}
