import type { Scope } from '../store/client-store.js';
import type { MemoryAsker } from '../store/memory-store.js';
import { sessionOwner } from '../store/session-owner.js';
import type { Store } from '../store/store.js';
import { flagsOf } from './flags.js';
import type { KnowledgeItem } from './knowledge-item.js';
import type { Caller } from './requests.js';

/** A table by its exact names, as far as they are known. */
export interface TableName {
  readonly database?: string;
  readonly schema?: string;
  readonly table: string;
}

/** What is at hand: the most telling first. */
export interface KnowledgeSubject {
  readonly tables: readonly TableName[];
  /** Names that matter with them: columns. */
  readonly words: readonly string[];
}

export interface RankedKnowledge {
  readonly item: KnowledgeItem;
  /** The more, the closer it is to the subject. */
  readonly score: number;
}

export interface KnowledgeSource {
  /** What a caller's token has to allow. */
  readonly scope: Scope;
  /** Of what the asker may read, a few of the best. */
  about(asker: MemoryAsker, subject: KnowledgeSubject): Promise<readonly RankedKnowledge[]>;
}

/** What an answer carries; nothing at all where nothing is known. */
export interface WithKnowledge {
  readonly knowledge?: readonly KnowledgeItem[];
}

/** A search under way, which nobody waits for longer than is said. */
export interface KnowledgeSearch {
  /** Resolves to what was found within so many ms. */
  within(ms: number): Promise<WithKnowledge>;
}

const MOST_ITEMS = 4;

/** Searches under way in this process; beyond that nothing is searched: an answer is worth more than what goes with it. */
const MOST_AT_ONCE = 4;

const NOTHING: KnowledgeSearch = { within: async () => ({}) };

/** What memories and repositories say about the table at hand: goes with an answer, never delays or fails it. */
export class Knowledge {
  readonly #store: Store;
  readonly #sources: readonly KnowledgeSource[];
  #underWay = 0;

  constructor(store: Store, sources: readonly KnowledgeSource[]) {
    this.#store = store;
    this.#sources = sources;
  }

  /** Begins to search what the caller may read. */
  about(caller: Caller, subject: KnowledgeSubject): KnowledgeSearch {
    const sources = this.#sources.filter(({ scope }) => caller.scopes?.includes(scope) ?? true);
    if (sources.length === 0 || subject.tables.length === 0 || this.#underWay >= MOST_AT_ONCE) return NOTHING;
    this.#underWay += 1;
    const found: RankedKnowledge[] = [];
    const done = this.#search(caller, subject, sources, found)
      .catch(() => {})
      .finally(() => {
        this.#underWay -= 1;
      });
    return {
      within: async (ms) => {
        let timer: NodeJS.Timeout | undefined;
        const timeUp = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, ms);
        });
        await Promise.race([done, timeUp]);
        clearTimeout(timer);
        const knowledge = found
          .toSorted((left, right) => right.score - left.score)
          .slice(0, MOST_ITEMS)
          .map(({ item }) => item);
        return knowledge.length === 0 ? {} : { knowledge };
      },
    };
  }

  /** What each source has, as it comes. */
  async #search(
    caller: Caller,
    subject: KnowledgeSubject,
    sources: readonly KnowledgeSource[],
    found: RankedKnowledge[],
  ): Promise<void> {
    const flags = await flagsOf(this.#store, caller.client);
    if (!flags.knowledge) return;
    const asker = { client: caller.client, owner: sessionOwner(caller.client, flags), quotas: flags.quotas };
    const ask = async (source: KnowledgeSource): Promise<void> => {
      found.push(...(await source.about(asker, subject)));
    };
    await Promise.allSettled(sources.map(ask));
  }
}
