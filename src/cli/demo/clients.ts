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

const FLOOD_QUESTIONS = 240;
const FLOOD_AT_ONCE = 80;
/** How long the flood waits for its answers (ms); then it cancels what is left. */
const FLOOD_MS = 25_000;
const ANALYST_ROUNDS = 16;
const ANALYST_PAUSE_MS = 400;
const VISITOR_AFTER_MS = 2_500;

async function ask(
  server: McpProcess,
  client: string,
  sql: string,
  signal: AbortSignal,
): Promise<ToolReply['structuredContent']> {
  const reply = await server.callTool(client, 'query', { sql, wait_s: 55 }, signal);
  const content = reply?.structuredContent ?? {};
  if (reply?.isError) throw new SnowError(content as unknown as ErrorData);
  return content;
}

function answer(title: string, content: ToolReply['structuredContent']): Answer {
  return {
    title,
    columns: (content?.columns ?? []) as Answer['columns'],
    rows: (content?.rows ?? []) as Answer['rows'],
  };
}

/** An agent in a loop: always far more questions open than anyone could answer. On a slow machine it is called back before all is answered. */
const flood: Appetite = {
  name: 'runaway-agent',
  habit: `${FLOOD_QUESTIONS} heavy questions, ${FLOOD_AT_ONCE} of them at once`,
  async run(server, signal) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), FLOOD_MS);
    signal.addEventListener('abort', () => patience.abort(), { once: true });
    let asked = 0;
    const askOn = async () => {
      while (asked < FLOOD_QUESTIONS && !patience.signal.aborted) {
        asked += 1;
        await ask(server, this.name, floodQuestion(asked), patience.signal);
      }
    };
    await Promise.all(Array.from({ length: FLOOD_AT_ONCE }, askOn)).finally(() => clearTimeout(timer));
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
      const content = await ask(server, this.name, sql, signal);
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
    const content = await ask(server, this.name, LOCAL_SUPPLIERS, signal);
    return [answer('visitor asked who sells most to their own country (after TPC-H Q5)', content)];
  },
};

/** The three clients, each with the number of the server process it talks to. */
export const APPETITES: readonly { readonly appetite: Appetite; readonly server: 0 | 1 }[] = [
  { appetite: flood, server: 0 },
  { appetite: analyst, server: 1 },
  { appetite: visitor, server: 1 },
];
