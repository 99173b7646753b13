import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clientLabel } from '../../../src/mcp/client-label.js';

it('names the program and the OS user', () => {
  expect(clientLabel('Claude Desktop', 'ann')).toBe('Claude-Desktop@ann');
  expect(clientLabel(undefined, 'ann')).toBe('mcp-client@ann');
});

it('is a short plain name, whatever a client calls itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const label = clientLabel(name, 'ann');
      expect(label).toMatch(/^[\p{L}\p{N}._-]+@ann$/u);
      expect(label.length).toBeLessThan(80);
    }),
  );
});
