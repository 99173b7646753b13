/** Part of a syntax tree; what all Lezer grammars have. */
export interface SyntaxNode {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly firstChild: SyntaxNode | null;
  readonly nextSibling: SyntaxNode | null;
}

interface PartialParse {
  advance(): { readonly topNode: SyntaxNode } | null;
}

export interface Parser {
  startParse(text: string): PartialParse;
}

/** Steps a parse may take per character, and in all; ordinary text needs less than one. Counted, so that equal text is cut alike. */
const STEPS_PER_CHAR = 3;
const FREE_STEPS = 10_000;

/** A parse that has gone on for so many ms goes on no more, whatever its steps. */
const LONGEST_MS = 5_000;

const LOOK_EVERY = 256;

/** The tree of the text; `undefined` where it takes too long, or is nested too deeply, to be worth it. */
export function boundedParse(parser: Parser, text: string): SyntaxNode | undefined {
  const most = text.length * STEPS_PER_CHAR + FREE_STEPS;
  const until = performance.now() + LONGEST_MS;
  try {
    const parse = parser.startParse(text);
    for (let steps = 0; steps < most; steps += 1) {
      const tree = parse.advance();
      if (tree !== null) return tree.topNode;
      if (steps % LOOK_EVERY === 0 && performance.now() > until) return undefined;
    }
  } catch (failure) {
    // Its recursion goes as deep as the text's.
    if (!(failure instanceof RangeError)) throw failure;
  }
  return undefined;
}

export function* childrenOf(node: SyntaxNode): Generator<SyntaxNode> {
  for (let child = node.firstChild; child !== null; child = child.nextSibling) yield child;
}

export function childOf(node: SyntaxNode, ...names: readonly string[]): SyntaxNode | undefined {
  for (const child of childrenOf(node)) if (names.includes(child.name)) return child;
  return undefined;
}
