// A process of its own that is many light MCP clients at once. Its parent sends one order at a time and is sent what came of it.
import { RawMcpClient } from './raw-mcp-client.mjs';

const CONNECTING_AT_ONCE = 50;

let clients = [];

/** One statement whose answer names its asker. */
async function ask(client, statementMs, samples) {
  client.asked = (client.asked ?? 0) + 1;
  const mark = `of_${client.name}_${client.asked}`.replaceAll('-', '_').toUpperCase();
  const began = performance.now();
  const sql = `select system$wait(${statementMs}, 'MILLISECONDS') as ${mark}`;
  const answer = await client.call('query', { sql, wait_s: 55 });
  const ms = performance.now() - began;
  if (answer.state !== 'succeeded') throw new Error(`${mark} ended as ${JSON.stringify(answer)}`);
  if (answer.columns[0].name !== mark) throw new Error(`${mark} was answered ${JSON.stringify(answer.columns)}`);
  samples.push({ client: client.name, at: began, ms, queuedMs: answer.queued_ms, elapsedMs: answer.elapsed_ms });
}

const orders = {
  /** Opens all connections, and the legacy ones' sessions. */
  async connect({ url, who }) {
    clients = who.map((one) => new RawMcpClient({ url, ...one }));
    for (let at = 0; at < clients.length; at += CONNECTING_AT_ONCE)
      await Promise.all(clients.slice(at, at + CONNECTING_AT_ONCE).map((client) => client.open()));
    return { connected: clients.length };
  },

  /** Everybody, or those named, asks one statement after the other without a pause. */
  async closed({ forMs, warmUpMs = 0, statementMs, names }) {
    const from = performance.now() + warmUpMs;
    const until = from + forMs;
    const samples = [];
    const errors = [];
    const asking = names === undefined ? clients : clients.filter(({ name }) => names.includes(name));
    await Promise.all(
      asking.map(async (client) => {
        try {
          while (performance.now() < until) await ask(client, statementMs, samples);
        } catch (error) {
          errors.push(error.message);
        }
      }),
    );
    return { samples, from, until, errors };
  },

  /** Statements come by chance (a Poisson process), whoever is idle asks the next one. */
  async open({ forMs, statementMs, perSecond }) {
    const samples = [];
    const errors = [];
    const idle = [...clients].sort(() => Math.random() - 0.5);
    const underWay = new Set();
    let nobodyIdle = 0;
    const began = performance.now();
    let next = began;
    while (next - began < forMs) {
      const pause = next - performance.now();
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      const client = idle.shift();
      if (client === undefined) nobodyIdle += 1;
      else {
        const asked = ask(client, statementMs, samples)
          .then(() => idle.push(client))
          .catch((error) => errors.push(error.message))
          .finally(() => underWay.delete(asked));
        underWay.add(asked);
      }
      next += (-Math.log(1 - Math.random()) * 1_000) / perSecond;
    }
    await Promise.all(underWay);
    return { samples, from: began, until: performance.now(), errors, nobodyIdle };
  },

  /** One client queues this many jobs, over all of its connections, and does not wait for them. */
  async flood({ name, count, statementMs }) {
    const sql = `select system$wait(${statementMs}, 'MILLISECONDS')`;
    let left = count;
    const queue = async (connection) => {
      while (left > 0) {
        left -= 1;
        await connection.call('start_query', { sql });
      }
    };
    await Promise.all(clients.filter((one) => one.name === name).map(queue));
    return { queued: count };
  },
};

process.on('message', async ({ order, ...rest }) => {
  try {
    const cpu = process.cpuUsage();
    const answer = await orders[order](rest);
    const { user, system } = process.cpuUsage(cpu);
    process.send({ answer: { ...answer, cpuMs: (user + system) / 1_000 } });
  } catch (error) {
    process.send({ failure: error.message });
  }
});
process.on('disconnect', () => process.exit(0));
