// Loaded into a process with --import: writes the longest block of its event loop (ms) to the file named by LOOP_BLOCK_FILE
// when it ends. SIGUSR2 starts the count anew, so that loading modules does not belong to it.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = `${process.env.LOOP_BLOCK_FILE}.${process.pid}`;
const delays = monitorEventLoopDelay({ resolution: 5 });
process.on('SIGUSR2', () => {
  delays.enable();
  delays.reset();
});
process.on('exit', () => writeFileSync(file, String(delays.max / 1e6)));
