import { gzipSync } from 'node:zlib';
import fc from 'fast-check';

/** A request as a client sends it, before something happens to it. */
export interface RealRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  /** What it is authorized by: the headers of each kind of credentials are the test's. */
  readonly by: 'session' | 'master' | 'key' | 'nothing';
}

export type Credentials = Readonly<Record<string, string>>;

/** What happens to a real request before it is sent. */
export interface Oddity {
  readonly request: RealRequest;
  /** Values put in the place of others, by the number of their place. */
  readonly edits: readonly { readonly place: number; readonly value: unknown }[];
  readonly text: 'whole' | 'cut' | 'trailing' | 'twice' | 'empty' | 'bytes';
  readonly packed: 'plain' | 'gzip' | 'gzip cut' | 'gzip of nothing known' | 'gzip bomb' | 'deflate' | 'br';
  readonly type: string;
  readonly framed: 'right' | 'too short' | 'too long' | 'chunks' | 'broken chunk' | 'two lengths' | 'negative' | 'huge';
  readonly doubled: string;
  readonly credentials: string;
  readonly after: string;
}

const DEEP = '@@deep@@';
const INFINITE = '@@1e999@@';

const oddValue = (more: readonly unknown[]) =>
  fc.oneof(
    fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 2 ** 53, -1e308, 5e-324, INFINITE, DEEP),
    fc.constantFrom<unknown>(
      '',
      ' ',
      '\u0000',
      '\ud800',
      '💥',
      '9'.repeat(400),
      '-0',
      'NaN',
      'x'.repeat(20_000),
      "'; select 1; --",
    ),
    fc.constantFrom<unknown>(
      [],
      {},
      [[]],
      [null, 1],
      { __proto__: null, constructor: 1 },
      JSON.parse('{"__proto__":{"a":1}}'),
    ),
    fc.constantFrom<unknown>(
      { type: 'TEXT', value: {} },
      { type: 'FIXED', value: ['1', 'x'] },
      { type: 'DATE', value: '1e30' },
      { 1: { type: 'NOPE', value: '1' } },
    ),
    fc.constantFrom(...more),
    fc.jsonValue({ maxDepth: 3 }),
  );

const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** `aimed` are requests that name somebody's things, `strange` values of others: query ids, session ids, request ids. */
export function oddities(
  { usual, aimed }: { readonly usual: readonly RealRequest[]; readonly aimed: readonly RealRequest[] },
  strange: readonly unknown[],
  credentials: readonly string[],
): fc.Arbitrary<Oddity> {
  return fc.record({
    request: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...usual) },
      { weight: 1, arbitrary: fc.constantFrom(...aimed) },
    ),
    edits: fc.array(fc.record({ place: fc.nat(44), value: oddValue(strange) }), { maxLength: 3 }),
    text: mostly<Oddity['text']>('whole', 'cut', 'trailing', 'twice', 'empty', 'bytes'),
    packed: mostly<Oddity['packed']>(
      'plain',
      'gzip',
      'gzip cut',
      'gzip of nothing known',
      'gzip bomb',
      'deflate',
      'br',
    ),
    type: mostly(
      'application/json',
      'text/plain',
      'application/json; charset=utf-16',
      '',
      'multipart/form-data; boundary=x',
    ),
    framed: mostly<Oddity['framed']>(
      'right',
      'too short',
      'too long',
      'chunks',
      'broken chunk',
      'two lengths',
      'negative',
      'huge',
    ),
    doubled: mostly('', 'Authorization', 'Host', 'Content-Type', 'Content-Encoding', 'X-API-Key'),
    credentials: mostly('own', ...credentials),
    after: mostly(
      '',
      '\u0000\u0001\u0002\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '{"a":1}',
    ),
  });
}

/** The bytes of a request, and whether the server has to be told that no more will come. */
export function bytesOf(odd: Oddity, own: Credentials): { readonly bytes: Buffer; readonly ends: boolean } {
  const { request } = odd;
  const body = request.body === undefined ? Buffer.alloc(0) : packed(odd, textOf(odd, request.body));
  const headers: [string, string][] = [
    ['Host', '127.0.0.1'],
    ...Object.entries(own),
    ...(odd.type === '' ? [] : ([['Content-Type', odd.type]] as [string, string][])),
    ...(odd.packed === 'plain'
      ? []
      : ([['Content-Encoding', odd.packed.split(' ')[0] as string]] as [string, string][])),
  ];
  const again = headers.find(([name]) => name === odd.doubled);
  if (again !== undefined) headers.push([again[0], `${again[1]}x`]);
  const { framing, sent } = framed(odd, body);
  const ends = odd.after !== '' || !['right', 'chunks'].includes(odd.framed);
  if (!ends) headers.push(['Connection', 'close']);
  const head = [
    `${request.method} ${pathOf(odd)} HTTP/1.1`,
    ...[...headers, ...framing].map((pair) => pair.join(': ')),
  ];
  return {
    bytes: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), sent, Buffer.from(odd.after)]),
    ends,
  };
}

/** An edit beyond the body's places goes to the path. */
function pathOf({ request, edits }: Oddity): string {
  return edits
    .filter(({ place }) => place > 40)
    .reduce((path, { value }) => {
      const text = encodeURIComponent(
        Buffer.from(typeof value === 'string' ? value.slice(0, 3000) : JSON.stringify(value)).toString(),
      );
      const parts = path.split(/(?<=[/?&=])/);
      parts[parts.length - 1] = text;
      return parts.join('');
    }, request.path);
}

function textOf({ edits, text }: Oddity, body: object): Buffer {
  const edited = edits.reduce(
    (value, { place, value: odd }) => (place > 40 ? value : withValue(value, place, odd)),
    body,
  );
  const json = JSON.stringify(edited)
    .replaceAll(`"${DEEP}"`, '['.repeat(30_000) + ']'.repeat(30_000))
    .replaceAll(`"${INFINITE}"`, '1e999');
  const bytes = Buffer.from(json);
  switch (text) {
    case 'whole':
      return bytes;
    case 'cut':
      return bytes.subarray(0, Math.floor(bytes.length * 0.6));
    case 'trailing':
      return Buffer.concat([bytes, Buffer.from(',{}')]);
    case 'twice':
      // Each name is there a second time, with nothing.
      return Buffer.from(json.replace(/"(\w+)":/g, '"$1":null,"$1":'));
    case 'empty':
      return Buffer.alloc(0);
    case 'bytes':
      return Buffer.concat([bytes.subarray(0, 20), Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0]), bytes.subarray(20)]);
  }
}

/** The body with another value in its nth place, objects and lists counted too. */
function withValue(body: object, place: number, odd: unknown): object {
  const places = placesOf(body);
  const chosen = places[place % places.length] as readonly string[];
  const copy = structuredClone(body) as Record<string, unknown>;
  let inside = copy;
  for (const name of chosen.slice(0, -1)) inside = inside[name] as Record<string, unknown>;
  inside[chosen.at(-1) as string] = odd;
  return copy;
}

function placesOf(value: object): readonly (readonly string[])[] {
  const inner = Object.entries(value).flatMap(([name, part]) => [
    [name],
    ...(typeof part === 'object' && part !== null ? placesOf(part).map((path) => [name, ...path]) : []),
  ]);
  return [...inner, ['unknown']];
}

function packed({ packed: how }: Oddity, bytes: Buffer): Buffer {
  switch (how) {
    case 'gzip':
      return gzipSync(bytes);
    case 'gzip cut':
      return gzipSync(bytes).subarray(0, -9);
    case 'gzip bomb':
      return gzipSync(Buffer.alloc(8_000_000, ' '), { level: 1 });
    default:
      return bytes;
  }
}

function framed(
  { framed: how }: Oddity,
  body: Buffer,
): { readonly framing: [string, string][]; readonly sent: Buffer } {
  const chunk = Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
  switch (how) {
    case 'right':
      return { framing: [['Content-Length', String(body.length)]], sent: body };
    case 'too short':
      return { framing: [['Content-Length', String(Math.floor(body.length / 2))]], sent: body };
    case 'too long':
      return { framing: [['Content-Length', String(body.length + 100)]], sent: body };
    case 'chunks':
      return {
        framing: [['Transfer-Encoding', 'chunked']],
        sent: body.length === 0 ? Buffer.from('0\r\n\r\n') : chunk,
      };
    case 'broken chunk':
      return { framing: [['Transfer-Encoding', 'chunked']], sent: Buffer.concat([Buffer.from('zz\r\n'), body]) };
    case 'two lengths':
      return {
        framing: [
          ['Content-Length', String(body.length)],
          ['Content-Length', '5'],
        ],
        sent: body,
      };
    case 'negative':
      return { framing: [['Content-Length', '-1']], sent: body };
    case 'huge':
      return { framing: [['Content-Length', '99999999999999999999']], sent: body };
  }
}
