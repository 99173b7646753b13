import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dateText,
  timestampLtzText,
  timestampNtzText,
  timestampTzText,
  timeText,
} from '../../../src/warehouse/snowflake/datetime.js';
import { exactNumber, parseVariant } from '../../../src/warehouse/snowflake/lossless-json.js';

describe('numbers', () => {
  it.each([
    ['0', 0],
    ['-7', -7],
    ['12.35', 12.35],
    ['12.30', 12.3],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', '9007199254740993'],
    ['-99999999999999999999999999999999999999', '-99999999999999999999999999999999999999'],
    ['0.1234567890123456789', '0.1234567890123456789'],
    ['123456789012.345', 123456789012.345],
    ['1234567890123.4567', '1234567890123.4567'],
    ['100000000000000000000', '100000000000000000000'],
  ])('%s is %j', (text, value) => {
    expect(exactNumber(text)).toBe(value);
  });

  it('are never rounded', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), fc.nat(37), (digits, scale) => {
        const sign = digits < 0n ? '-' : '';
        const padded = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
        const text = scale === 0 ? sign + padded : `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
        const value = exactNumber(text);
        if (typeof value === 'string') expect(value).toBe(text);
        else expect(decimal(String(value))).toBe(decimal(text));
      }),
      { numRuns: 1000 },
    );
  });

  /** A decimal in one form only: no exponent, no needless zeros. */
  function decimal(text: string): string {
    const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
    const negative = mantissa.startsWith('-');
    const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
    let digits = BigInt(whole + fraction);
    let scale = fraction.length - Number(exponent);
    for (; scale < 0; scale += 1) digits *= 10n;
    for (; scale > 0 && digits % 10n === 0n; scale -= 1) digits /= 10n;
    return digits === 0n ? '0' : `${negative ? '-' : ''}${digits}e-${scale}`;
  }
});

describe('semi-structured values', () => {
  it.each([
    ['{"a": [1, 2.5, null, "x"]}', { a: [1, 2.5, null, 'x'] }],
    ['"text"', 'text'],
    ['null', null],
    [
      '{"big": 12345678901234567890, "text": "12345678901234567890"}',
      { big: '12345678901234567890', text: '12345678901234567890' },
    ],
    ['[0.1234567890123456789]', ['0.1234567890123456789']],
    ['[1, undefined, NaN]', '[1, undefined, NaN]'],
    ['<a>1</a>', '<a>1</a>'],
    ['process.exit(1)', 'process.exit(1)'],
  ])('%s', (text, value) => {
    expect(parseVariant(text)).toEqual(value);
  });

  it('that are JSON stay what they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = parseVariant(JSON.stringify(value));
        expect(JSON.parse(JSON.stringify(read), numbers)).toEqual(JSON.parse(JSON.stringify(value), numbers));
      }),
    );
  });

  /** Long numbers may come as text. */
  function numbers(_key: string, value: unknown): unknown {
    return typeof value === 'number' || (typeof value === 'string' && value !== '' && !Number.isNaN(Number(value)))
      ? Number(value)
      : value;
  }
});

describe('dates and times', () => {
  it.each([
    ['0', '1970-01-01'],
    ['-1', '1969-12-31'],
    ['19783', '2024-03-01'],
    ['-141427', '1582-10-15'],
    ['2932896', '9999-12-31'],
  ])('day %s', (days, text) => {
    expect(dateText(days)).toBe(text);
  });

  it('keep every digit of a fraction', () => {
    expect(timeText('3661.123456789')).toBe('01:01:01.123456789');
    expect(timeText('0.000000000')).toBe('00:00:00');
    expect(timeText('86399.5')).toBe('23:59:59.5');
    expect(timestampNtzText('1709251199.120000000')).toBe('2024-02-29T23:59:59.12');
    expect(timestampNtzText('-0.000000001')).toBe('1969-12-31T23:59:59.999999999');
    expect(timestampNtzText('-1.250')).toBe('1969-12-31T23:59:58.75');
  });

  it('have the offset they were stored with', () => {
    expect(timestampTzText('1709251200.000000000 1440')).toBe('2024-03-01T00:00:00+00:00');
    expect(timestampTzText('1709251200.5 1770')).toBe('2024-03-01T05:30:00.5+05:30');
    expect(timestampTzText('1709251200 960')).toBe('2024-02-29T16:00:00-08:00');
  });

  it('have the offset of the session on that day', () => {
    expect(timestampLtzText('1709251200.000', 'America/Los_Angeles')).toBe('2024-02-29T16:00:00-08:00');
    expect(timestampLtzText('1719792000.000', 'America/Los_Angeles')).toBe('2024-06-30T17:00:00-07:00');
    expect(timestampLtzText('1719792000.000', 'Asia/Kolkata')).toBe('2024-07-01T05:30:00+05:30');
    expect(timestampLtzText('1719792000.000', 'No/Where')).toBe('2024-07-01T00:00:00+00:00');
  });

  it('name the same instant in every form', () => {
    const instant = fc.record({
      ms: fc.integer({ min: -12_219_292_800_000, max: 253_402_300_799_999 }),
      offset: fc.integer({ min: -840, max: 840 }),
    });
    fc.assert(
      fc.property(instant, ({ ms, offset }) => {
        const seconds = wire(ms);
        expect(Date.parse(`${timestampNtzText(seconds)}Z`)).toBe(ms);
        expect(Date.parse(timestampTzText(`${seconds} ${offset + 1440}`))).toBe(ms);
        if (ms > 0) expect(Date.parse(timestampLtzText(seconds, 'Australia/Lord_Howe'))).toBe(ms);
      }),
      { numRuns: 500 },
    );
  });

  /** Milliseconds as Snowflake writes seconds. */
  function wire(ms: number): string {
    const size = Math.abs(ms);
    return `${ms < 0 ? '-' : ''}${Math.floor(size / 1000)}.${String(size % 1000).padStart(3, '0')}000000`;
  }
});
