// Loaded into a process with --import: writes the longest block of its event loop (ms) to the file named by LOOP_BLOCK_FILE
// when it ends. SIGUSR2 starts the count, so that loading modules does not belong to it.
import { writeFileSync } from 'node:fs';
import { measureOwnLoopBlock } from '../setup/own-loop-block.mjs';

let longestMs = () => Number.NaN;
process.on('SIGUSR2', () => {
  longestMs = measureOwnLoopBlock();
});
process.on('exit', () => writeFileSync(`${process.env.LOOP_BLOCK_FILE}.${process.pid}`, String(longestMs())));
