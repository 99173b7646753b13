import { parser } from '@lezer/yaml';
import { boundedParse, childOf, childrenOf, type SyntaxNode } from './bounded-parse.js';
import type { ChunkSymbol, Unit } from './chunk.js';

/** Lists whose items dbt gives names to. */
const DBT_LISTS = new Set(
  'models sources seeds snapshots macros exposures metrics semantic_models analyses unit_tests saved_queries groups'.split(
    ' ',
  ),
);

/**
 * The top-level keys of a YAML file; of a dbt schema file, each model, source, seed and so on with the columns it describes.
 * `undefined` where it cannot be parsed within bounds.
 */
export function yamlUnits(text: string): readonly Unit[] | undefined {
  const tree = boundedParse(parser, text);
  if (tree === undefined) return undefined;
  return [...childrenOf(tree)].flatMap((document) => {
    const mapping = childOf(document, 'BlockMapping');
    if (mapping === undefined) return [];
    return pairsOf(text, mapping).flatMap(({ key, node, value }) => {
      const items = value?.name === 'BlockSequence' && DBT_LISTS.has(key) ? itemUnits(text, key, value) : [];
      if (items.length > 0) return items;
      return [{ from: node.from, to: node.to, kind: 'key', symbols: [], ...partsOf(value) }];
    });
  });
}

interface Pair {
  readonly key: string;
  readonly node: SyntaxNode;
  readonly value?: SyntaxNode;
}

function pairsOf(text: string, mapping: SyntaxNode): readonly Pair[] {
  return [...childrenOf(mapping)]
    .filter(({ name }) => name === 'Pair')
    .map((node) => {
      const key = childOf(node, 'Key');
      const value = [...childrenOf(node)]
        .filter(({ name }) => name !== 'Key' && name !== ':' && name !== 'Comment')
        .at(-1);
      return {
        key: key === undefined ? '' : scalar(text, key),
        node,
        ...(value === undefined ? {} : { value }),
      };
    });
}

/** `- name: orders` and what belongs to it. */
function itemUnits(text: string, list: string, sequence: SyntaxNode): readonly Unit[] {
  return [...childrenOf(sequence)]
    .filter(({ name }) => name === 'Item')
    .map((item): Unit => {
      const mapping = childOf(item, 'BlockMapping');
      const pairs = mapping === undefined ? [] : pairsOf(text, mapping);
      const name = nameIn(text, pairs);
      const own: ChunkSymbol[] = name === undefined ? [] : [{ name, role: 'describes' }];
      const kind = list
        .replace(/ies$/, 'y')
        .replace(/s$/, '')
        .replace(/^analyse$/, 'analysis');
      return {
        from: item.from,
        to: item.to,
        kind,
        ...(name === undefined ? {} : { name }),
        symbols: [...own, ...columnsOf(text, pairs, name), ...tablesOf(text, pairs, name)],
        ...partsOf(pairs.find(({ key }) => key === 'columns' || key === 'tables')?.value),
      };
    });
}

function columnsOf(text: string, pairs: readonly Pair[], owner: string | undefined): readonly ChunkSymbol[] {
  return namesUnder(text, pairs, 'columns').flatMap((column): ChunkSymbol[] => [
    { name: column, role: 'describes' },
    ...(owner === undefined ? [] : [{ name: `${owner}.${column}`, role: 'describes' as const }]),
  ]);
}

function tablesOf(text: string, pairs: readonly Pair[], source: string | undefined): readonly ChunkSymbol[] {
  return namesUnder(text, pairs, 'tables').flatMap((table): ChunkSymbol[] => [
    { name: table, role: 'describes' },
    ...(source === undefined ? [] : [{ name: `${source}.${table}`, role: 'describes' as const }]),
  ]);
}

function namesUnder(text: string, pairs: readonly Pair[], key: string): readonly string[] {
  const list = pairs.find((pair) => pair.key === key)?.value;
  if (list?.name !== 'BlockSequence') return [];
  return [...childrenOf(list)].flatMap((item) => {
    const mapping = childOf(item, 'BlockMapping');
    const name = mapping === undefined ? undefined : nameIn(text, pairsOf(text, mapping));
    return name === undefined ? [] : [name];
  });
}

function nameIn(text: string, pairs: readonly Pair[]): string | undefined {
  const value = pairs.find(({ key }) => key === 'name')?.value;
  return value === undefined ? undefined : scalar(text, value);
}

/** What a long list or mapping is taken apart into. */
function partsOf(value: SyntaxNode | undefined): Pick<Unit, 'parts'> {
  if (value?.name !== 'BlockSequence' && value?.name !== 'BlockMapping') return {};
  const parts = [...childrenOf(value)]
    .filter(({ name }) => name === 'Item' || name === 'Pair')
    .map(({ from, to }): Unit => ({ from, to, kind: 'key', symbols: [] }));
  return parts.length < 2 ? {} : { parts };
}

function scalar(text: string, node: SyntaxNode): string {
  const raw = text.slice(node.from, Math.min(node.to, node.from + 300)).trim();
  return /^(['"]).*\1$/.test(raw) ? raw.slice(1, -1) : raw;
}
