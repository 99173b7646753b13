import { randomFillSync } from 'node:crypto';

const ID_BYTES = 10;
const pool = new Uint8Array(ID_BYTES * 256);
let used = pool.length;
let lastMs = 0;
let counter = 0;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then a 12-bit counter (method 1 of section 6.2), so that ids
 * of one process sort in the order they were made, then 62 random bits.
 */
export function newJobId(now: number = Date.now()): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + ID_BYTES);
  used += ID_BYTES;
  if (now > lastMs) {
    lastMs = now;
    // Starts low so that 2,048 more fit into the millisecond at least.
    counter = (((random[8] ?? 0) << 8) | (random[9] ?? 0)) & 0x7ff;
  } else {
    counter += 1;
    if (counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const variant = 0x80 | ((random[0] ?? 0) & 0x3f);
  const tail = [variant, ...random.subarray(1, 8)].map((byte) => HEX[byte]).join('');
  const versioned = `7${counter.toString(16).padStart(3, '0')}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${versioned}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
