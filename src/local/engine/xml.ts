/** What PARSE_XML makes of an element: its name under `@`, its content under `$`, its attributes under `@name`. */
export interface XmlElement {
  readonly '@': string;
  readonly $: XmlContent;
  readonly [attribute: `@${string}`]: string | number | boolean;
}

/** Nothing, one text or element, or several. */
export type XmlContent = XmlItem | readonly XmlItem[];
type XmlItem = string | number | boolean | XmlElement;

/** Why a text is no XML. */
export class XmlProblem extends Error {}

/** Elements may be nested so deep. */
const MAX_DEPTH = 500;

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const NAME = /[A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*/y;
/** What stands between elements and means nothing: declarations, instructions, comments. */
const ASIDE = /\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*(?:\[[^\]]*\])?[^>]*>/y;
const ATTRIBUTE = /\s+([A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;

/** Reads a document with one element. `convert`: texts that are numbers or truth values become those. */
export function parseXml(text: string, convert: boolean): XmlElement {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at += match[0].length;
    return match;
  };
  const problem = (what: string): XmlProblem => new XmlProblem(`${what} at character ${at + 1}`);
  const skipAside = (): void => {
    while (take(ASIDE) !== null);
  };
  const value = (raw: string): string | number | boolean => {
    if (!convert) return raw;
    const trimmed = raw.trim();
    if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
    return /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(trimmed) ? Number(trimmed) : raw;
  };
  const decoded = (raw: string): string =>
    raw.replace(/&([^;&\s]*);?/g, (whole, name: string) => {
      const code = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name);
      const point =
        code === null ? undefined : Number.parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16);
      const plain = point !== undefined && point <= 0x10ffff ? String.fromCodePoint(point) : ENTITIES[name];
      if (plain === undefined || !whole.endsWith(';')) throw problem(`unknown entity '${whole}'`);
      return plain;
    });

  const element = (depth: number): XmlElement => {
    if (depth > MAX_DEPTH) throw problem(`more than ${MAX_DEPTH} elements in each other`);
    at += 1;
    const name = take(NAME)?.[0];
    if (name === undefined) throw problem('the name of an element is missing');
    const attributes: Record<string, string | number | boolean> = {};
    for (let match = take(ATTRIBUTE); match !== null; match = take(ATTRIBUTE)) {
      if (`@${match[1]}` in attributes) throw problem(`attribute '${match[1]}' twice`);
      attributes[`@${match[1]}`] = value(decoded(match[2] ?? match[3] ?? ''));
    }
    take(/\s*/y);
    if (take(/\/>/y) !== null) return { $: '', '@': name, ...attributes };
    if (take(/>/y) === null) throw problem(`element '${name}' is not closed`);
    const items: XmlItem[] = [];
    for (;;) {
      const data = take(/<!\[CDATA\[([\s\S]*?)\]\]>/y);
      if (data !== null) {
        items.push(data[1] ?? '');
        continue;
      }
      if (take(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>/y) !== null) continue;
      const written = take(/[^<]+/y);
      if (written !== null) {
        if (written[0].trim() !== '') items.push(value(decoded(written[0])));
        continue;
      }
      if (take(/<\//y) !== null) {
        if (take(NAME)?.[0] !== name || take(/\s*>/y) === null) throw problem(`closing tag of '${name}' expected`);
        const content = items.length === 0 ? '' : items.length === 1 ? (items[0] as XmlItem) : items;
        return { $: content, '@': name, ...attributes };
      }
      if (at >= text.length) throw problem(`element '${name}' is not closed`);
      items.push(element(depth + 1));
    }
  };

  skipAside();
  if (text[at] !== '<') throw problem('an element was expected');
  const root = element(1);
  skipAside();
  if (at < text.length) throw problem('something stands behind the element');
  return root;
}

/** Whether JSON is an element as `parseXml` makes them. */
export function isXmlElement(value: unknown): value is XmlElement {
  return typeof value === 'object' && value !== null && typeof (value as XmlElement)['@'] === 'string' && '$' in value;
}

/** An element as Snowflake prints it: children on lines of their own, two blanks deeper. */
export function printXml(element: XmlElement, indent = ''): string {
  const attributes = Object.entries(element)
    .filter(([key]) => key !== '@' && key !== '$')
    .map(([key, value]) => ` ${key.slice(1)}="${escaped(String(value))}"`)
    .join('');
  const { '@': name, $: content } = element;
  const items = Array.isArray(content) ? (content as readonly XmlItem[]) : content === '' ? [] : [content as XmlItem];
  if (items.length === 0) return `${indent}<${name}${attributes}></${name}>`;
  if (!items.some(isXmlElement))
    return `${indent}<${name}${attributes}>${items.map((item) => escaped(String(item))).join('')}</${name}>`;
  const lines = items.map((item) =>
    isXmlElement(item) ? printXml(item, `${indent}  `) : `${indent}  ${escaped(String(item))}`,
  );
  return `${indent}<${name}${attributes}>\n${lines.join('\n')}\n${indent}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** XMLGET: the n-th child of that name, counted from 0. */
export function xmlChild(value: unknown, name: string, n: number): XmlElement | undefined {
  if (!isXmlElement(value)) return undefined;
  const items: readonly unknown[] = Array.isArray(value.$) ? value.$ : [value.$];
  return items.filter(isXmlElement).filter((item) => item['@'] === name)[n];
}
