import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LivePage } from '../../../src/cli/live-page.js';

function screen(rows: number) {
  const stream = Object.assign(new PassThrough(), { rows }) as unknown as NodeJS.WriteStream;
  return { stream, written: () => String((stream as unknown as PassThrough).read() ?? '') };
}

describe('a live page', () => {
  it('opens a screen of its own once, writes over what is there, and gives the screen back', () => {
    const { stream, written } = screen(10);
    const page = new LivePage(stream);
    page.draw('one\ntwo');
    expect(written()).toBe('\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[Hone\u001b[K\ntwo\u001b[K\u001b[J\u001b[?7h');
    page.draw('three');
    // Never wiped first: that is what flickers.
    expect(written()).toBe('\u001b[?7l\u001b[Hthree\u001b[K\u001b[J\u001b[?7h');
    page.close();
    expect(written()).toBe('\u001b[?25h\u001b[?1049l');
    page.close();
    expect(written()).toBe('');
  });

  it('says how much does not fit instead of scrolling', () => {
    const { stream, written } = screen(5);
    new LivePage(stream).draw('1\n2\n3\n4\n5\n6');
    const lines = written().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[3]).toContain('… 3 more lines');
  });
});
