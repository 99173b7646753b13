import { parser } from '@lezer/python';
import { boundedParse, childOf, childrenOf, type SyntaxNode } from './bounded-parse.js';
import type { Unit } from './chunk.js';

/** Functions and classes of a Python file, a long class by its methods. `undefined` where it cannot be parsed within bounds. */
export function pythonUnits(text: string): readonly Unit[] | undefined {
  const tree = boundedParse(parser, text);
  return tree === undefined ? undefined : unitsIn(text, tree, undefined);
}

function unitsIn(text: string, parent: SyntaxNode, owner: string | undefined): readonly Unit[] {
  return [...childrenOf(parent)]
    .filter(({ name }) => /^[A-Z]/.test(name) && name !== 'Comment')
    .map((node) => unitOf(text, node, owner));
}

function unitOf(text: string, node: SyntaxNode, owner: string | undefined): Unit {
  const definition =
    node.name === 'DecoratedStatement' ? (childOf(node, 'FunctionDefinition', 'ClassDefinition') ?? node) : node;
  const span = { from: node.from, to: node.to };
  const isClass = definition.name === 'ClassDefinition';
  const named = isClass || definition.name === 'FunctionDefinition' ? childOf(definition, 'VariableName') : undefined;
  if (named === undefined) return { ...span, kind: 'code', symbols: [] };
  const plain = text.slice(named.from, named.to);
  const name = owner === undefined ? plain : `${owner}.${plain}`;
  const body = isClass ? childOf(definition, 'Body') : undefined;
  return {
    ...span,
    kind: isClass ? 'class' : owner === undefined ? 'function' : 'method',
    name,
    symbols: [{ name: plain, role: 'defines' }, ...(owner === undefined ? [] : [{ name, role: 'defines' as const }])],
    ...(body === undefined ? {} : { parts: unitsIn(text, body, name) }),
  };
}
