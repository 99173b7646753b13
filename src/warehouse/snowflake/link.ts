import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/**
 * One connection's HTTP traffic, watched from outside the driver. The driver neither tells when the server last gave a
 * sign of life, nor can it be told to stop repeating a statement; both are needed, and both are found by following
 * its requests through Node's diagnostics channel and the asynchronous context they were started in.
 */
export class Link {
  #requests = new Map<ClientRequest, number>();
  /** Kept-alive ones too: a request on an open socket has left before anybody could stop it. */
  #sockets = new Set<Socket>();
  #severed = false;
  #lastSign = performance.now();
  #refusals = 0;
  #breaks = 0;
  #retryAfterMs = 0;
  #outer: Link | undefined;
  #aside: Link | undefined;

  /**
   * Runs `work` so that every request it starts, now or later, belongs to this link: also one that a callback of ours
   * starts, unless the callback is bound to where it comes from.
   */
  run<T>(work: () => T): T {
    watchRequests();
    return context.run(this, work);
  }

  /** For looks at the same server: connections refused there count here, answers are no sign of what runs here. */
  aside(): Link {
    if (this.#aside === undefined) {
      this.#aside = new Link();
      this.#aside.#outer = this;
    }
    return this.#aside;
  }

  /** Milliseconds since the server last answered anything but "try again later". */
  silentMs(): number {
    for (const [request, bytes] of this.#requests) {
      const now = socketOf(request)?.bytesRead ?? 0;
      if (now === bytes || !isGoodAnswer(answerOf(request))) continue;
      this.#requests.set(request, now);
      this.#lastSign = performance.now();
    }
    return performance.now() - this.#lastSign;
  }

  /** Connections that were refused in a row: nobody listens there any more. */
  get refusals(): number {
    return this.#refusals;
  }

  /** What the server's last answer asked for with Retry-After, in ms; 0 when it did not. */
  get retryAfterMs(): number {
    return this.#retryAfterMs;
  }

  /** Requests that ended without an answer, ever. */
  get breaks(): number {
    return this.#breaks;
  }

  sign(): void {
    this.#lastSign = performance.now();
    this.#refusals = 0;
    this.#retryAfterMs = 0;
  }

  /** Ends the requests under way as a broken connection would: the driver repeats them on another one. */
  breakOff(): void {
    this.distrustIdle();
    for (const request of this.#requests.keys()) request.destroy(brokenError());
  }

  /** Closes the sockets to the server that rest: after a long silence they may be as dead as the one that is used. */
  distrustIdle(): void {
    const agents = new Set([...this.#requests.keys()].map(agentOf));
    for (const agent of agents)
      for (const sockets of Object.values(agent?.freeSockets ?? {}))
        for (const socket of [...(sockets ?? [])]) socket.destroy();
  }

  /** Ends every request now and each one the driver may still try. The connection is of no use afterwards. */
  sever(): void {
    this.#severed = true;
    this.distrustIdle();
    for (const request of this.#requests.keys()) request.destroy(severedError());
    for (const socket of this.#sockets) socket.destroy();
    this.#requests.clear();
    this.#sockets.clear();
    this.#aside?.sever();
  }

  get severed(): boolean {
    return this.#severed;
  }

  started(request: ClientRequest): void {
    if (this.#severed) {
      request.destroy(severedError());
      return;
    }
    this.#requests.set(request, 0);
    const socket = socketOf(request);
    if (socket === null) request.once('socket', (assigned: Socket) => this.#hold(assigned));
    else this.#hold(socket);
    request.prependOnceListener('response', (answer: IncomingMessage) => {
      if (isGoodAnswer(answer)) this.sign();
      else this.#retryAfterMs = retryAfterMs(answer.headers['retry-after']);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      this.#breaks += 1;
      if (error.code === 'ECONNREFUSED') this.#refuse();
    });
    request.once('close', () => this.#requests.delete(request));
  }

  #refuse(): void {
    this.#refusals += 1;
    if (this.#outer !== undefined) this.#outer.#refuse();
  }

  #hold(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    // The other end may vanish without a word while a statement runs; the kernel then notices after ten probes, a second apart.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

/** Silence on a socket before the kernel asks whether the other end is there, in ms. */
const KEEP_ALIVE_MS = 10_000;

const context = new AsyncLocalStorage<Link>();
let watching = false;

function watchRequests(): void {
  if (watching) return;
  watching = true;
  subscribe('http.client.request.start', (message) => {
    context.getStore()?.started((message as { request: ClientRequest }).request);
  });
}

function socketOf(request: ClientRequest): Socket | null {
  return request.socket;
}

/** Each connection of the driver has one for each server. */
function agentOf(request: ClientRequest): Agent | undefined {
  return (request as ClientRequest & { agent?: Agent }).agent;
}

function answerOf(request: ClientRequest): IncomingMessage | undefined {
  return (request as ClientRequest & { res?: IncomingMessage }).res;
}

/** The statuses that make the driver repeat its request are no sign of life. */
function isGoodAnswer(answer: IncomingMessage | undefined): boolean {
  const status = answer?.statusCode ?? 0;
  return status > 0 && status < 500 && status !== 408 && status !== 429;
}

/** Seconds, or a date. */
function retryAfterMs(header: string | undefined): number {
  if (header === undefined) return 0;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

function brokenError(): Error {
  return Object.assign(new Error('the connection was silent for too long'), { code: 'ECONNRESET' });
}

/** The driver repeats a failed request unless it was cancelled by its client. */
function severedError(): Error {
  return Object.assign(new Error('the connection was given up'), { code: 'ERR_CANCELED' });
}
