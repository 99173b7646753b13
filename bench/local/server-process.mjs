// A local Snowflake in a process of its own, so that its memory and processor time can be told from the clients'.
// As a program: `node server-process.mjs DATA SCALE`; tells its URL over IPC and ends with the channel.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Starts one; `scale` 0 leaves the sample out. */
export async function startServerProcess(dataDir, scale = 0) {
  const child = fork(import.meta.filename, [dataDir, String(scale)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const url = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the local Snowflake ended with ${code}`)));
  });
  const status = (name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024;
  return {
    url,
    /** MB now. */
    resident: () => status('VmRSS'),
    /** MB at most since the start. */
    peak: () => status('VmHWM'),
    /** Seconds of processor time since the start. */
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const { startLocalServer } = await import('../../dist/local/server.js');
  const [, , dataDir, scale] = process.argv;
  const server = await startLocalServer({ host: '127.0.0.1', port: 0, dataDir, sampleScale: Number(scale) });
  process.once('disconnect', async () => {
    await server.close();
    process.exit(0);
  });
  process.send(server.url);
}
