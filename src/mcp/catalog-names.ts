import type { Caller, Gateway, Listing } from '../gateway/requests.js';

/** What names are asked for, and where. Absent places are the session's. */
export interface NameQuestion {
  readonly of: 'databases' | 'schemas' | 'tables';
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
}

/** Names read with one question. */
const PAGE = 1_000;
/** Answers kept, over all clients. */
const KEPT = 500;
/** How long an answer is good for (ms): completions come with every key. */
const GOOD_FOR_MS = 30_000;
/** Questions that one client may have under way: the queue is for its statements. */
const UNDER_WAY = 2;
/** How long a key may wait for its completions (ms). What comes later serves the next key. */
const PATIENCE_MS = 3_000;

interface Answer {
  readonly names: readonly string[];
  /** There are more names than these. */
  readonly more: boolean;
}

/** Names out of the warehouse's catalog, as each client may see them, remembered for a short time. */
export class CatalogNames {
  readonly #answers = new Map<string, { readonly until: number; readonly answer: Promise<Answer> }>();
  readonly #underWay = new Map<string, number>();

  /**
   * Identifiers that begin with `prefix` (whatever the case), quoted where SQL would have to quote them. None when the catalog
   * cannot be asked or takes too long: a completion is a convenience and never an error.
   */
  async beginningWith(
    prefix: string,
    question: NameQuestion,
    gateway: Gateway,
    caller: Caller,
  ): Promise<readonly string[]> {
    const begin = prefix.replace(/^"/, '').toUpperCase();
    let answer = await this.#answer(question, '', gateway, caller);
    // % and _ in the prefix match too much, and what does not begin with it is left out below.
    if (answer?.more && begin !== '') answer = await this.#answer(question, begin, gateway, caller);
    return (answer?.names ?? []).filter((name) => name.toUpperCase().startsWith(begin)).map(identifier);
  }

  async #answer(question: NameQuestion, begin: string, gateway: Gateway, caller: Caller): Promise<Answer | undefined> {
    const rights = await gateway.rightsOf(caller).catch(() => undefined);
    if (rights === undefined) return undefined;
    const key = JSON.stringify([caller.client, rights, question.of, question.database, question.schema, begin]);
    const now = performance.now();
    let kept = this.#answers.get(key);
    if (kept === undefined || kept.until < now) {
      const underWay = this.#underWay.get(caller.client) ?? 0;
      if (underWay >= UNDER_WAY) return undefined;
      this.#underWay.set(caller.client, underWay + 1);
      kept = { until: now + GOOD_FOR_MS, answer: ask(question, begin, gateway, caller) };
      this.#keep(key, kept);
      kept.answer
        // What failed now may work at the next key.
        .catch(() => this.#answers.delete(key))
        .finally(() => this.#ended(caller.client));
    }
    return await withinPatience(kept.answer);
  }

  #keep(key: string, answer: { readonly until: number; readonly answer: Promise<Answer> }): void {
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > KEPT && oldest !== undefined) this.#answers.delete(oldest);
  }

  #ended(client: string): void {
    const left = (this.#underWay.get(client) ?? 1) - 1;
    if (left === 0) this.#underWay.delete(client);
    else this.#underWay.set(client, left);
  }
}

async function ask(
  { of, database, schema }: NameQuestion,
  begin: string,
  gateway: Gateway,
  caller: Caller,
): Promise<Answer> {
  const request = { limit: PAGE, ...(begin !== '' && { like: `${begin}%` }) };
  const listing = await list(of, database, schema, request, gateway, caller);
  return { names: listing.items.map((item) => String(item.name)), more: listing.next_cursor !== undefined };
}

function list(
  of: NameQuestion['of'],
  database: string | undefined,
  schema: string | undefined,
  request: { readonly limit: number; readonly like?: string },
  gateway: Gateway,
  caller: Caller,
): Promise<Listing> {
  switch (of) {
    case 'databases':
      return gateway.listDatabases(caller, request);
    case 'schemas':
      return gateway.listSchemas(caller, { ...request, database });
    case 'tables':
      return gateway.listTables(caller, { ...request, database, schema });
  }
}

async function withinPatience(answer: Promise<Answer>): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  try {
    return await Promise.race([answer, patience]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function identifier(name: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
