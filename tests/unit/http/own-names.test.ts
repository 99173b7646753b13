import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isLoopback, ownNames } from '../../../src/http/own-names.js';

describe('the names of a server', () => {
  it('are those of the loopback and the address it listens on', () => {
    expect(ownNames('127.0.0.1')).toEqual(['localhost', '127.0.0.1', '[::1]']);
    expect(ownNames('::1')).toEqual(['localhost', '127.0.0.1', '[::1]']);
    expect(ownNames('Snow.Example.com')).toContain('snow.example.com');
    expect(ownNames('fd00::1')).toContain('[fd00::1]');
  });

  it('are all addresses of the machine where it listens on all', () => {
    const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
    for (const { address, family } of addresses)
      expect(ownNames('0.0.0.0')).toContain(family === 'IPv6' ? `[${address}]` : address);
  });

  it('have that of the public URL', () => {
    expect(ownNames('127.0.0.1', new URL('https://snow.example.com/mcp'))).toContain('snow.example.com');
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.0.1', false],
  ['127.0.0.1.example.com', false],
  ['localhost.example.com', false],
])('%s is of this machine only: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
