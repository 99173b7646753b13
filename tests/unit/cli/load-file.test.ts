import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { tablePlace } from '../../../src/cli/load/table-place.js';
import { delimiterOf, textLayout } from '../../../src/cli/load/text-layout.js';

const folder = mkdtempSync(join(tmpdir(), 'mcp-snow-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

describe('how a file is written', () => {
  it.each([
    ['a,b\n1;2;3;4\n', ','],
    ['a;b;"c,d,e,f"\r\n', ';'],
    ['a\tb', '\t'],
    ['a|b|c,d', '|'],
    ['"one\nname";b', ';'],
    ['single\n', ','],
    ['', ','],
  ])('%j is separated by %j', (text, delimiter) => expect(delimiterOf(text)).toBe(delimiter));

  it.each([
    ['plain', Buffer.from('a;b\n'), 'UTF8'],
    ['with a mark', Buffer.from('\ufeffa;b\n'), 'UTF8'],
    ['little endian', utf16('a;b\n'), 'UTF16LE'],
    ['big endian', utf16('a;b\n').swap16(), 'UTF16BE'],
    ['packed', gzipSync(Buffer.from(`a;b\n${'1;2\n'.repeat(100_000)}`)), 'UTF8'],
  ])('the bytes tell the encoding: %s', async (name, bytes, encoding) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    expect(await textLayout(path)).toEqual({ delimiter: ';', encoding });
  });
});

describe('where a table is meant to be', () => {
  it.each([
    ['goods', {}, 'LOCAL.PUBLIC.GOODS'],
    ['goods', { database: 'shop', schema: 'x y' }, 'SHOP."x y".GOODS'],
    ['sales.goods', { database: 'shop' }, 'SHOP.SALES.GOODS'],
    ['shop."a.b"."c""d"', {}, 'SHOP."a.b"."c""d"'],
    ['a.b.c.d', {}, 'LOCAL.PUBLIC."a.b.c.d"'],
    ['.goods', {}, 'LOCAL.PUBLIC.".goods"'],
  ])('%s with %j is %s', (table, options, path) => {
    const place = tablePlace(table, options);
    expect(`${place.database}.${place.schema}.${place.table}`).toBe(path);
  });

  it('has a name', () => expect(() => tablePlace('', {})).toThrow('1 to 255'));
});
