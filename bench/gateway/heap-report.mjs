// Loaded into the server with --import (and --expose-gc): on SIGUSR2 writes what the heap holds after a collection, in MB.
// Resident memory alone says little: V8 gives pages back when it likes.
import { renameSync, writeFileSync } from 'node:fs';

process.on('SIGUSR2', () => {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  const file = process.env.HEAP_REPORT;
  writeFileSync(`${file}.new`, String((heapUsed + external) / 2 ** 20));
  renameSync(`${file}.new`, file);
});
