import type { FromItem } from '../grammar/ast.js';
import type { Context } from './context.js';
import type { EmittedFrom } from './from-source.js';
import { emitJoin } from './join.js';
import type { Source } from './names.js';

/** The tables of a list that marks (`(+)`) join, one after the other; a star tells their columns in the order of the list. */
export function emitOuterJoins(
  item: FromItem & { readonly kind: 'outer-joins' },
  cx: Context,
  before: readonly Source[],
  emitItem: (item: FromItem, cx: Context, before: readonly Source[]) => EmittedFrom,
): EmittedFrom {
  const { items, steps, start, end } = item;
  let emitted: EmittedFrom | undefined;
  const places: number[] = [];
  for (const { item: place, on } of steps) {
    const right = items[place] as FromItem;
    if (emitted === undefined) {
      emitted = emitItem(right, cx, before);
    } else {
      const left = emitted;
      const joined = { kind: 'join', natural: false, left: right, right, start, end } as const;
      emitted = emitJoin(
        on === undefined ? { ...joined, join: 'CROSS' } : { ...joined, join: 'LEFT', on },
        cx,
        before,
        (_, inner, sources) => (sources.length === before.length ? left : emitItem(right, inner, sources)),
      );
    }
    while (places.length < emitted.sources.length) places.push(place);
  }
  const all = emitted as EmittedFrom;
  const sources = all.sources
    .map((source, i) => ({ source, place: places[i] ?? 0 }))
    .sort((a, b) => a.place - b.place)
    .map(({ source }) => source);
  return { ...all, sources };
}
