import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorData, SnowError } from '../../errors/snow-error.js';
import type { McpProcess, ToolReply } from './mcp-process.js';
import { ANALYST_QUESTIONS, floodQuestion, LOCAL_SUPPLIERS, PRICING_SUMMARY } from './questions.js';

/** An answer worth showing at the end. */
export interface Answer {
  readonly title: string;
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

export interface Appetite {
  readonly name: string;
  /** For people: what kind of client this is. */
  readonly habit: string;
  /** Asks all its questions; resolves when the last is answered. */
  run(server: McpProcess, signal: AbortSignal): Promise<readonly Answer[]>;
}

const FLOOD_QUESTIONS = 90;
const ANALYST_ROUNDS = 16;
const ANALYST_PAUSE_MS = 400;
const VISITOR_AFTER_MS = 2_500;

async function ask(server: McpProcess, client: string, sql: string): Promise<ToolReply['structuredContent']> {
  const reply = await server.callTool(client, 'query', { sql, wait_s: 55 });
  const content = reply.structuredContent ?? {};
  if (reply.isError) throw new SnowError(content as unknown as ErrorData);
  return content;
}

function answer(title: string, content: ToolReply['structuredContent']): Answer {
  return {
    title,
    columns: (content?.columns ?? []) as Answer['columns'],
    rows: (content?.rows ?? []) as Answer['rows'],
  };
}

/** An agent in a loop: everything at once. */
const flood: Appetite = {
  name: 'runaway-agent',
  habit: `${FLOOD_QUESTIONS} heavy questions at once`,
  async run(server) {
    const questions = Array.from({ length: FLOOD_QUESTIONS }, (_, number) => floodQuestion(number));
    await Promise.all(questions.map((sql) => ask(server, this.name, sql)));
    return [];
  },
};

/** A person at work: a question, a look at the answer, the next question. */
const analyst: Appetite = {
  name: 'analyst',
  habit: 'one question after the other',
  async run(server, signal) {
    const answers: Answer[] = [];
    for (let round = 0; round < ANALYST_ROUNDS && !signal.aborted; round += 1) {
      const sql = ANALYST_QUESTIONS[round % ANALYST_QUESTIONS.length] ?? PRICING_SUMMARY;
      const content = await ask(server, this.name, sql);
      if (round === 0) answers.push(answer('analyst asked for the pricing summary (TPC-H Q1)', content));
      await delay(ANALYST_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
    return answers;
  },
};

/** Somebody who comes by once, in the middle of it. */
const visitor: Appetite = {
  name: 'visitor',
  habit: 'a single question',
  async run(server, signal) {
    await delay(VISITOR_AFTER_MS, undefined, { signal }).catch(() => undefined);
    const content = await ask(server, this.name, LOCAL_SUPPLIERS);
    return [answer('visitor asked who sells most to their own country (after TPC-H Q5)', content)];
  },
};

/** The three clients, each with the number of the server process it talks to. */
export const APPETITES: readonly { readonly appetite: Appetite; readonly server: 0 | 1 }[] = [
  { appetite: flood, server: 0 },
  { appetite: analyst, server: 1 },
  { appetite: visitor, server: 1 },
];
