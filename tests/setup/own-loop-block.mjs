// How long an event loop was blocked by what its own thread did: its work and its waits for the disk, without the time in
// which the thread was ready to run and other processes had the processors. Tests share two cores with what they start.
import { readFileSync } from 'node:fs';

const TICK_MS = 5;

/** Ms the main thread has waited for a processor so far; 0 where the kernel does not tell (then all of a gap counts). */
function waitedForProcessorMs() {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** Starts to measure; the function it gives answers the longest block so far, in ms. */
export function measureOwnLoopBlock() {
  let longestMs = 0;
  let seen = { at: performance.now(), waitedMs: waitedForProcessorMs() };
  const look = () => {
    const now = { at: performance.now(), waitedMs: waitedForProcessorMs() };
    longestMs = Math.max(longestMs, now.at - seen.at - TICK_MS - (now.waitedMs - seen.waitedMs));
    seen = now;
    return longestMs;
  };
  setInterval(look, TICK_MS).unref();
  return look;
}
