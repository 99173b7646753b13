import { McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { McpSessions } from '../../../src/http/mcp-sessions.js';

let sessions: McpSessions;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  sessions = new McpSessions({ idleMs: 30 * 60_000, most: 10, mostPerOwner: 10 });
});
afterEach(async () => {
  await sessions.close();
  vi.useRealTimers();
});

function open(id: string, owner: string): void {
  sessions.add({
    id,
    owner,
    server: new McpServer({ name: 'test', version: '1' }),
    transport: new WebStandardStreamableHTTPServerTransport(),
  });
}

it('ends a session that nobody has asked anything for half an hour', () => {
  open('s1', 'ann');
  vi.advanceTimersByTime(29 * 60_000);
  expect(sessions.find('s1', 'ann')).toBeDefined();
  vi.advanceTimersByTime(2 * 60_000);
  expect(sessions.find('s1', 'ann')).toBeUndefined();
  expect(sessions.size).toBe(0);
});

it('keeps a session while a request or a stream of it is open, and counts anew from its end', () => {
  open('s1', 'ann');
  const done = sessions.use('s1');
  vi.advanceTimersByTime(120 * 60_000);
  expect(sessions.find('s1', 'ann')).toBeDefined();
  done();
  vi.advanceTimersByTime(29 * 60_000);
  expect(sessions.find('s1', 'ann')).toBeDefined();
  vi.advanceTimersByTime(2 * 60_000);
  expect(sessions.find('s1', 'ann')).toBeUndefined();
});

it('knows no session of another owner, nor of none', () => {
  open('s1', 'ann');
  expect(sessions.find('s1', 'bob')).toBeUndefined();
  expect(sessions.find('s1', undefined)).toBeUndefined();
});
