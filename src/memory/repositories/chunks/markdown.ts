import { parser } from '@lezer/markdown';
import { boundedParse, childrenOf } from './bounded-parse.js';
import type { Unit } from './chunk.js';

/** Blocks only: what stands inside a line does not matter here, and costs the most. */
const BLOCKS = parser.configure({
  remove: ['Escape', 'Entity', 'InlineCode', 'HTMLTag', 'Emphasis', 'HardBreak', 'Link', 'Image', 'LinkEnd'],
});

const LONGEST_NAME = 120;

/** The sections of a Markdown file, from each heading to the next. `undefined` where it cannot be parsed within bounds. */
export function markdownUnits(text: string): readonly Unit[] | undefined {
  const tree = boundedParse(BLOCKS, text);
  if (tree === undefined) return undefined;
  const headings = [...childrenOf(tree)].filter(({ name }) => /Heading\d$/.test(name));
  const [first] = headings;
  if (first === undefined) return [];
  const sections = headings.map(({ from, to }, at): Unit => {
    const name = text
      .slice(from, Math.min(to, from + 500))
      .replace(/^#+\s*|\s*#+\s*$|\n[=-]+\s*$/g, '')
      .trim()
      .slice(0, LONGEST_NAME);
    return {
      from,
      to: headings[at + 1]?.from ?? text.length,
      kind: 'section',
      ...(name === '' ? {} : { name }),
      symbols: [],
    };
  });
  return first.from === 0 ? sections : [{ from: 0, to: first.from, kind: 'section', symbols: [] }, ...sections];
}
