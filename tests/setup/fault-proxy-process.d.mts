import type { ChildProcess } from 'node:child_process';

/** What can go wrong with one request. `passes`: the request reaches the server and is done there. */
export type Fault = {
  /** Only requests whose path fits this regular expression. */
  readonly path?: string;
  /** Only requests whose body fits this regular expression, without regard to case. */
  readonly body?: string;
  /** Of those, this share (0 to 1, default 1). */
  readonly share?: number;
  /** At most this often. */
  readonly times?: number;
} & (
  | { readonly kind: 'reset' | 'black-hole' }
  /** Passes; its answer is lost in silence, or with the connection. */
  | { readonly kind: 'lost-answer' | 'reset-after' }
  /** Passes; half of its answer comes, then the connection is reset. */
  | { readonly kind: 'half-answer' }
  /** Passes, after a pause of so many ms. */
  | { readonly kind: 'delay'; readonly ms: readonly [least: number, most: number] }
  /** Passes; its answer trickles. */
  | { readonly kind: 'slow'; readonly bytesPerS: number }
  /** A balancer's answer instead of the server's; `status-after` passes. */
  | { readonly kind: 'status' | 'status-after'; readonly status: number; readonly retryAfterS?: number }
  /** 390112, 390111, 390104, 390114 instead of the server's answer. */
  | { readonly kind: 'session-expired' | 'session-gone' | 'token-invalid' | 'master-expired' }
);

export interface FaultCounts {
  readonly requests: number;
  /** Requests that reached the server. */
  readonly passed: number;
  /** Faults by kind, and `silence` for what a black hole or a half-open connection swallowed. */
  readonly faults: Readonly<Record<string, number>>;
  /** Requests by path. */
  readonly paths: Readonly<Record<string, number>>;
  /** Open connections of clients. */
  readonly sockets: number;
}

/** A fault proxy in a process of its own, between a driver and a (local) Snowflake. */
export class FaultProxy {
  /** `port`, `controlPort`: to come back where it was. */
  static start(target: string, ports?: { readonly port?: number; readonly controlPort?: number }): Promise<FaultProxy>;
  readonly child: ChildProcess;
  /** Where clients connect, `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly control: string;
  /** Variables that make a process (or `connectionProfiles`) connect here: a connection `default`. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Replaces the faults; the first that applies to a request is taken. With a seed their draws repeat; after `forMs` they
   * are over.
   */
  faults(faults: readonly Fault[], options?: { readonly seed?: number; readonly forMs?: number }): Promise<void>;
  /** `refuse`: nobody listens any more. `black-hole`: connections are taken, nothing is answered. `none`: back again. */
  outage(kind: 'refuse' | 'black-hole' | 'none'): Promise<void>;
  /** Connections that are open now carry nothing any more, and nobody is told. */
  halfOpen(): Promise<void>;
  target(url: string): Promise<void>;
  counts(): Promise<FaultCounts>;
  /** With SIGKILL. */
  kill(): Promise<void>;
  /** The same proxy at the same ports again, without faults. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}
