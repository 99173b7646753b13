// A process between a Snowflake driver and the local Snowflake that breaks what passes through it as it is told.
//
//   node tests/setup/fault-proxy.mjs --target URL [--port N] [--control-port N]
//
// Its first line on stdout is { url, control }. It ends with its standard input, so it does not outlive who started it.
// `fault-proxy-process.d.mts` describes the faults and what the control port takes.
import { Agent, createServer, request as send } from 'node:http';
import { parseArgs } from 'node:util';

const { values: given } = parseArgs({
  options: { target: { type: 'string' }, port: { type: 'string' }, 'control-port': { type: 'string' } },
});

let target = new URL(given.target);
let faults = [];
let random = Math.random;
let endOfFaults;
/** `refuse`: nobody listens; `black-hole`: connections are taken and nothing is ever answered. */
let outage = 'none';
const sockets = new Set();
/** Connections that look alive and carry nothing any more. */
const dead = new WeakSet();
let pool = new Agent({ keepAlive: true });
const counts = { requests: 0, passed: 0, faults: {}, paths: {} };

/** Mulberry32: the same seed gives the same sequence of draws. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The first fault that is meant for this request and whose share of requests it falls into. */
function faultFor(path, body) {
  for (const fault of faults) {
    if (fault.path !== undefined && !new RegExp(fault.path).test(path)) continue;
    if (fault.body !== undefined && !new RegExp(fault.body, 'i').test(body.toString())) continue;
    if (fault.left === 0 || random() >= (fault.share ?? 1)) continue;
    if (fault.left !== undefined) fault.left -= 1;
    return fault;
  }
  return undefined;
}

function note(kind) {
  counts.faults[kind] = (counts.faults[kind] ?? 0) + 1;
}

const SNOWFLAKE_SAYS = {
  'session-expired': ['390112', 'Session token has expired. Please renew.'],
  'session-gone': ['390111', 'Session no longer exists. New login required to access the service.'],
  'token-invalid': ['390104', 'Session token is invalid. Please log in again.'],
  'master-expired': ['390114', 'Authentication token has expired. The user must authenticate again.'],
};

function reset(response) {
  response.socket?.resetAndDestroy();
}

function answerStatus(response, { status = 503, retryAfterS }) {
  response.writeHead(status, {
    'content-type': 'text/plain',
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
  });
  response.end('the proxy says no\n');
}

function answerAsSnowflake(response, kind) {
  const [code, message] = SNOWFLAKE_SAYS[kind];
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ data: null, code, message, success: false }));
}

const between = ([least, most]) => least + random() * (most - least);

/** Sends the request on; resolves to the whole answer, rejects when the server does not give one. */
function pass(request, body, signal) {
  counts.passed += 1;
  return new Promise((resolve, reject) => {
    const onward = send(
      {
        host: target.hostname,
        port: target.port,
        method: request.method,
        path: request.url,
        headers: onwardHeaders(request),
        agent: pool,
        signal,
      },
      async (answer) => {
        try {
          const chunks = [];
          for await (const chunk of answer) chunks.push(chunk);
          resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) });
        } catch (failure) {
          reject(failure);
        }
      },
    );
    onward.on('error', reject);
    onward.end(body);
  });
}

/** The client's own host header goes on: addresses in the answers then lead back here. */
function onwardHeaders(request) {
  const { connection: _, 'transfer-encoding': __, ...headers } = request.headers;
  return headers;
}

function plainHeaders({ headers, body }) {
  const { connection: _, 'transfer-encoding': __, 'keep-alive': ___, ...own } = headers;
  return { ...own, 'content-length': body.length };
}

async function give(response, answer, fault) {
  response.writeHead(answer.status, plainHeaders(answer));
  if (fault?.kind === 'half-answer') {
    response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => reset(response));
  } else if (fault?.kind === 'slow') {
    const pauseMs = 50;
    const step = Math.max(1, Math.round((fault.bytesPerS * pauseMs) / 1_000));
    for (let at = 0; at < answer.body.length && !response.destroyed; at += step) {
      response.write(answer.body.subarray(at, at + step));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    response.end();
  } else {
    response.end(answer.body);
  }
}

async function serve(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const path = request.url.split('?')[0];
  counts.requests += 1;
  counts.paths[path] = (counts.paths[path] ?? 0) + 1;
  if (dead.has(request.socket) || outage === 'black-hole') return note('silence');

  const fault = faultFor(path, body);
  if (fault !== undefined) note(fault.kind);
  switch (fault?.kind) {
    case 'black-hole':
      return undefined;
    case 'reset':
      return reset(response);
    case 'status':
      return answerStatus(response, fault);
    case 'session-expired':
    case 'session-gone':
    case 'token-invalid':
    case 'master-expired':
      return answerAsSnowflake(response, fault.kind);
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, between(fault.ms)));
  }

  // Who hangs up on the proxy hangs up on the server, unless it is the proxy that loses the answer.
  const gone = new AbortController();
  const losesAnswer = ['lost-answer', 'reset-after', 'status-after'].includes(fault?.kind);
  if (!losesAnswer) response.once('close', () => gone.abort());
  const answer = await pass(request, body, gone.signal);
  if (dead.has(request.socket) || fault?.kind === 'lost-answer') return undefined;
  if (fault?.kind === 'reset-after') return reset(response);
  if (fault?.kind === 'status-after') return answerStatus(response, fault);
  return await give(response, answer, fault);
}

const server = createServer((request, response) => {
  serve(request, response).catch(() => {
    if (!response.destroyed) reset(response);
  });
});
server.requestTimeout = 0;
server.keepAliveTimeout = 65_000;
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.once('close', () => sockets.delete(socket));
});

function listen(on, port) {
  return new Promise((resolve, reject) => {
    on.once('error', reject);
    on.listen(port, '127.0.0.1', () => {
      on.off('error', reject);
      resolve(on.address().port);
    });
  });
}

let port = Number(given.port ?? 0);

async function setOutage(kind) {
  if (kind === outage) return;
  const before = outage;
  outage = kind;
  if (kind === 'refuse') {
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  } else if (before === 'refuse') {
    await listen(server, port);
  } else if (before === 'black-hole') {
    for (const socket of sockets) socket.resetAndDestroy();
  }
}

function setFaults({ faults: wanted = [], seed, forMs }) {
  clearTimeout(endOfFaults);
  if (seed !== undefined) random = seeded(seed);
  faults = wanted.map((fault) => ({ ...fault, ...(fault.times === undefined ? {} : { left: fault.times }) }));
  if (forMs !== undefined) endOfFaults = setTimeout(() => setFaults({}), forMs);
}

const ORDERS = {
  'PUT /faults': setFaults,
  'PUT /outage': ({ kind }) => setOutage(kind),
  'PUT /target': ({ url }) => {
    target = new URL(url);
    pool.destroy();
    pool = new Agent({ keepAlive: true });
  },
  'POST /half-open': () => {
    for (const socket of sockets) dead.add(socket);
    note('half-open');
  },
  'GET /counts': () => ({ ...counts, sockets: sockets.size }),
};

const control = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const order = ORDERS[`${request.method} ${request.url}`];
  try {
    if (order === undefined) throw new Error(`no such order: ${request.method} ${request.url}`);
    const text = Buffer.concat(chunks).toString();
    const result = await order(text === '' ? {} : JSON.parse(text));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result ?? {}));
  } catch (failure) {
    response.writeHead(400).end(failure.message);
  }
});

port = await listen(server, port);
const controlPort = await listen(control, Number(given['control-port'] ?? 0));
console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, control: `http://127.0.0.1:${controlPort}` }));
process.stdin.on('end', () => process.exit(0)).resume();
