import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Tokens, tokenOfHeader } from '../../../src/local/wire/tokens.js';

const LIFETIMES = { sessionSeconds: 10, masterSeconds: 60 };

test('a token names its session until it expires', () => {
  let now = 1_000_000;
  const tokens = new Tokens(LIFETIMES, () => now);
  const issued = tokens.issue('42');
  expect(tokens.verify(issued.token, 'session')).toBe('42');
  expect(tokens.verify(issued.masterToken, 'master')).toBe('42');
  now += 10_000;
  expect(() => tokens.verify(issued.token, 'session')).toThrow(expect.objectContaining({ code: '390112' }));
  expect(tokens.verify(issued.masterToken, 'master')).toBe('42');
  now += 50_000;
  expect(() => tokens.verify(issued.masterToken, 'master')).toThrow(expect.objectContaining({ code: '390114' }));
});

test('a session token does not renew, a master token does not query', () => {
  const tokens = new Tokens(LIFETIMES);
  const { token, masterToken } = tokens.issue('1');
  const invalid = expect.objectContaining({ code: '390104' });
  expect(() => tokens.verify(token, 'master')).toThrow(invalid);
  expect(() => tokens.verify(masterToken, 'session')).toThrow(invalid);
});

test('a token of another process is worth nothing', () => {
  const { token } = new Tokens(LIFETIMES).issue('1');
  expect(() => new Tokens(LIFETIMES).verify(token, 'session')).toThrow(expect.objectContaining({ code: '390104' }));
});

test('no change to a token goes unnoticed', () => {
  const tokens = new Tokens(LIFETIMES);
  const { token } = tokens.issue('7');
  fc.assert(
    fc.property(fc.nat(token.length - 2), fc.constantFrom(...'AZaz09-_.'), (at, character) => {
      fc.pre(token[at] !== character);
      const changed = token.slice(0, at) + character + token.slice(at + 1);
      expect(() => tokens.verify(changed, 'session')).toThrow(expect.objectContaining({ code: '390104' }));
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => tokens.verify(text, 'session')).toThrow(expect.objectContaining({ code: '390104' }));
    }),
  );
});

test('two tokens of one session differ', () => {
  const tokens = new Tokens(LIFETIMES, () => 5);
  expect(tokens.issue('1').token).not.toBe(tokens.issue('1').token);
});

test('the token is what stands in the header', () => {
  expect(tokenOfHeader('Snowflake Token="a.b-c_d"')).toBe('a.b-c_d');
  expect(tokenOfHeader('Bearer a')).toBe('');
  expect(tokenOfHeader(undefined)).toBe('');
});
