import { parser } from '@lezer/javascript';
import { boundedParse, childOf, childrenOf, type SyntaxNode } from './bounded-parse.js';
import type { ChunkSymbol, Unit } from './chunk.js';

const PLAIN = parser.configure({ dialect: 'jsx' });
const TYPED = parser.configure({ dialect: 'ts' });
const TYPED_JSX = parser.configure({ dialect: 'ts jsx' });

const SHORT_LINES = 3;

const KINDS: Readonly<Record<string, string>> = {
  FunctionDeclaration: 'function',
  ClassDeclaration: 'class',
  InterfaceDeclaration: 'interface',
  TypeAliasDeclaration: 'type',
  EnumDeclaration: 'enum',
  NamespaceDeclaration: 'namespace',
  MethodDeclaration: 'method',
};

/** Declarations of a JavaScript or TypeScript file, a long class by its methods. `undefined` where it cannot be parsed within bounds. */
export function javascriptUnits(text: string, path: string): readonly Unit[] | undefined {
  const typed = /\.[mc]?tsx?$/i.test(path);
  const dialect = typed ? (/x$/i.test(path) ? TYPED_JSX : TYPED) : PLAIN;
  const tree = boundedParse(dialect, text);
  if (tree === undefined) return undefined;
  return [...childrenOf(tree)]
    .filter(({ name }) => /^[A-Z]/.test(name) && !name.endsWith('Comment'))
    .map((node) => unitOf(text, node, undefined));
}

function unitOf(text: string, node: SyntaxNode, owner: string | undefined): Unit {
  const declaration =
    node.name === 'ExportDeclaration' ? (childOf(node, ...Object.keys(KINDS), 'VariableDeclaration') ?? node) : node;
  const span = { from: node.from, to: node.to };
  const kind = KINDS[declaration.name];
  if (declaration.name === 'VariableDeclaration') return variables(text, declaration, span);
  const named = childOf(declaration, 'VariableDefinition', 'TypeDefinition', 'PropertyDefinition');
  if (kind === undefined || named === undefined) return { ...span, kind: 'code', symbols: [] };
  const plain = text.slice(named.from, named.to);
  const name = owner === undefined ? plain : `${owner}.${plain}`;
  const body = childOf(declaration, 'ClassBody');
  const parts =
    body &&
    [...childrenOf(body)].filter((child) => /Declaration$/.test(child.name)).map((child) => unitOf(text, child, name));
  return {
    ...span,
    kind,
    name,
    symbols: [{ name: plain, role: 'defines' }, ...(owner === undefined ? [] : [{ name, role: 'defines' as const }])],
    ...(parts === undefined || parts.length === 0 ? {} : { parts }),
  };
}

function variables(text: string, declaration: SyntaxNode, span: { readonly from: number; readonly to: number }): Unit {
  const symbols = [...childrenOf(declaration)]
    .filter(({ name }) => name === 'VariableDefinition')
    .map(({ from, to }): ChunkSymbol => ({ name: text.slice(from, to), role: 'defines' }));
  const [first] = symbols;
  // Constants of a line or two are no pieces of their own.
  const isShort = text.slice(span.from, span.to).split('\n', SHORT_LINES + 1).length <= SHORT_LINES;
  if (first === undefined || isShort) return { ...span, kind: 'code', symbols };
  return { ...span, kind: 'variable', name: first.name, symbols };
}
