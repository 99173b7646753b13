import { describe, expect, it } from 'vitest';
import { memoryPayload, syncPayload } from '../../../src/cli/operation-payload.js';

describe('work of a memory job', () => {
  it('is an operation with its arguments, its name with or without the first word', () => {
    const search = { name: 'memory_search', kind: 'memory', arguments: { query: 'orders' }, write: false };
    expect(memoryPayload('{"operation": "search", "query": "orders"}')).toMatchObject(search);
    expect(memoryPayload('{"operation": "memory_search", "query": "orders"}')).toMatchObject(search);
    expect(memoryPayload('{"operation": "store", "text": "x"}')).toMatchObject({ name: 'memory_store', write: true });
  });

  it.each([
    'orders',
    '[]',
    '{}',
    '{"operation": 1}',
    '{"operation": "constructor"}',
    '{"operation": "store", "txt": 1}',
  ])('refuses %s', (text) =>
    expect(() => memoryPayload(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' })),
  );
});

describe('work of a repo-sync job', () => {
  it('is a folder, or an object with what else a sync takes', () => {
    expect(syncPayload(' /srv/models \n')).toMatchObject({ kind: 'repo-sync', arguments: { path: '/srv/models' } });
    expect(syncPayload('{"path": "/srv/models", "name": "m", "full": true}')).toMatchObject({
      arguments: { path: '/srv/models', name: 'm', full: true },
      label: 'sync repository m',
    });
  });

  it('refuses an object that names no folder and no repository', () => {
    expect(() => syncPayload('{}')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => syncPayload('{"path"')).toThrow('The payload is no JSON');
  });
});
