import type { CodeSearch, FoundCode } from '../memory/repositories/code-search.js';
import type { RepositoryStore } from '../store/repository-store.js';
import type { KnowledgeSource, RankedKnowledge } from './knowledge.js';

/** How close a chunk is that defines the table or another name at hand, describes it, or uses it. */
const SCORES = { defines: 6, describes: 5, uses: 2 } as const;

/** Of another name's, beside the table's. */
const WORD_SHARE = 0.5;

const MOST_OF_EACH = 2;
const MOST_TABLES = 2;
const MOST_WORDS = 1;

/** More are not looked through: an answer does not wait for them. */
const MOST_REPOSITORIES = 20;

/** Characters of a chunk that are shown; repo_search has the rest. */
const LONGEST_SHOWN = 800;

/** Chunks of synced files that define, describe or use the tables at hand. */
export function codeKnowledge(store: Pick<RepositoryStore, 'listRepositories'>, code: CodeSearch): KnowledgeSource {
  return {
    scope: 'memory',
    about: async (asker, { tables, words }) => {
      const known = (await store.listRepositories(asker, 'all')).filter(({ generation }) => generation > 0);
      if (known.length === 0) return [];
      const asked = [
        ...tables.slice(0, MOST_TABLES).map(({ table }) => ({ symbol: table, share: 1 })),
        ...words.slice(0, MOST_WORDS).map((symbol) => ({ symbol, share: WORD_SHARE })),
      ];
      const found = await Promise.all(
        asked.map(async ({ symbol, share }) => {
          const query = { symbol, limit: MOST_OF_EACH, offset: 0 };
          const { hits } = await code.search(known.slice(0, MOST_REPOSITORIES), query);
          return hits.map((hit) => ({ hit, score: SCORES[hit.role ?? 'uses'] * share }));
        }),
      );
      const best = new Map<string, RankedKnowledge>();
      for (const { hit, score } of found.flat()) {
        const key = [hit.namespace ?? '', hit.repository, hit.path, hit.firstLine].join('\u0000');
        if ((best.get(key)?.score ?? 0) < score) best.set(key, { item: itemOf(hit), score });
      }
      return [...best.values()].sort((left, right) => right.score - left.score).slice(0, MOST_OF_EACH);
    },
  };
}

function itemOf(hit: FoundCode): RankedKnowledge['item'] {
  const { repository, namespace, path, firstLine, lastLine, language, text } = hit;
  const characters = [...text.slice(0, 2 * LONGEST_SHOWN)];
  return {
    kind: 'code',
    repository,
    ...(namespace === undefined ? {} : { namespace }),
    path,
    first_line: firstLine,
    last_line: lastLine,
    language,
    text: characters.length <= LONGEST_SHOWN ? text : `${characters.slice(0, LONGEST_SHOWN).join('')}…`,
  };
}
