// Connections that are open and say nothing: what each costs the server in memory, and what a call beside them takes.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { RawMcpClient } from '../../tests/setup/raw-mcp-client.mjs';
import { median, residentMb } from '../gateway/stdio-client.mjs';
import { HttpSite } from './http-site.mjs';

const OPENER = join(import.meta.dirname, '../../tests/setup/idle-connections.mjs');
const CONNECTIONS = 10_000;
const CALLS = 200;

export async function run() {
  const site = await HttpSite.open({ workers: 0, clients: [{ name: 'active', era: 'modern' }] });
  let idle;
  try {
    const client = new RawMcpClient({ url: site.url, ...site.clients[0] });
    await client.open();
    const callMs = async () => {
      const times = [];
      for (let call = 0; call < CALLS; call += 1) {
        const began = performance.now();
        await client.call('get_session', {});
        times.push(performance.now() - began);
      }
      return median(times);
    };
    await callMs();
    const before = { ms: await callMs(), mb: residentMb(site.pids.server) };
    const began = performance.now();
    idle = fork(OPENER, [new URL(site.url).port, String(CONNECTIONS)]);
    const [standing] = await once(idle, 'message');
    const openedMs = performance.now() - began;
    const after = { mb: residentMb(site.pids.server), ms: await callMs() };
    client.close();
    return {
      name: `${CONNECTIONS} idle connections`,
      rows: [
        { figure: 'connections that stand', value: standing },
        { figure: 'opened within', value: openedMs / 1_000, unit: 's' },
        { figure: 'memory per connection', value: ((after.mb - before.mb) * 1_024) / standing, unit: 'KiB' },
        {
          figure: 'a call, before and beside them',
          value: `${before.ms.toFixed(2)} and ${after.ms.toFixed(2)}`,
          unit: 'ms',
        },
      ],
    };
  } finally {
    idle?.disconnect();
    await site.close();
  }
}
