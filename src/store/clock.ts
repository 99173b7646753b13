import { readFileSync } from 'node:fs';

/** What leases are counted on. */
export interface LeaseClock {
  /** Names the boot whose monotonic clock this is: a lease of another boot is over. */
  readonly boot: string;
  /** Milliseconds, the same for all processes of the boot. */
  now(): number;
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/**
 * CLOCK_MONOTONIC with the kernel's boot id on Linux. Elsewhere the wall clock under a fixed name: leases then survive a
 * reboot correctly, but a step of the clock lengthens or shortens them.
 */
export function systemLeaseClock(): LeaseClock {
  try {
    const boot = readFileSync(BOOT_ID, 'utf8').trim();
    return { boot, now: () => Number(process.hrtime.bigint()) / 1e6 };
  } catch {
    return { boot: 'wall-clock', now: Date.now };
  }
}
