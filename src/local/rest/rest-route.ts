import type { z } from 'zod';
import type { Exchange, WireState } from '../wire/exchange.js';
import type { Caller } from './caller.js';
import type { RestSessions } from './rest-sessions.js';

/** A request that was let in and whose parts are what their schemas say. */
export interface RestCall<Query, Body> {
  readonly exchange: Exchange;
  readonly state: WireState;
  readonly sessions: RestSessions;
  readonly caller: Caller;
  /** What stands at the names in braces of the route's path. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

export interface RestAnswer {
  readonly status: number;
  /** An object for JSON, text, or pieces of JSON text. */
  readonly body?: object | string | readonly Buffer[];
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AnswerShape {
  readonly description: string;
  readonly schema: z.ZodType;
  /** Default `application/json`. */
  readonly contentType?: string;
}

/** One operation: what checks its requests is what the OpenAPI document says of them. */
export interface RestOperation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With the names of variable parts in braces. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly query: z.ZodType;
  /** Absent: a body is not read. */
  readonly body?: z.ZodType;
  /** By status. */
  readonly answers: Readonly<Record<number, AnswerShape>>;
}

export interface RestRoute extends RestOperation {
  /** Gives nothing when it has answered itself. */
  run(call: RestCall<never, never>): Promise<RestAnswer | undefined>;
}

type RouteDefinition<Q extends z.ZodType, B extends z.ZodType> = Omit<RestRoute, 'query' | 'body' | 'run'> & {
  readonly query: Q;
  readonly body?: B;
  run(call: RestCall<z.output<Q>, z.output<B>>): Promise<RestAnswer | undefined>;
};

export function restRoute<Q extends z.ZodType, B extends z.ZodType>(definition: RouteDefinition<Q, B>): RestRoute {
  return definition;
}
