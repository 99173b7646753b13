// node idle-connections.mjs PORT COUNT: connections that are opened and say nothing, in a process of their own. Tells its parent how many
// stand once all have been tried, and again whenever it is asked.
import { once } from 'node:events';
import { connect } from 'node:net';

const AT_ONCE = 250;

const [port, count] = process.argv.slice(2).map(Number);
const standing = new Set();

async function open() {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.on('close', () => standing.delete(socket));
  socket.resume();
  await once(socket, 'connect').catch(() => {});
  if (!socket.destroyed) standing.add(socket);
}

for (let at = 0; at < count; at += AT_ONCE)
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - at) }, open));
process.send(standing.size);
process.on('message', () => process.send(standing.size));
process.on('disconnect', () => process.exit(0));
