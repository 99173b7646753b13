import { describe, expect, it } from 'vitest';
import { NameCompleter } from '../../../src/cli/sql/name-completer.js';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  '': ['SALES', 'STAGE_DB'],
  SALES: ['PUBLIC', 'RAW'],
  'SALES.RAW': ['ORDERS', 'Order Lines'],
  'SALES.PUBLIC': ['CUSTOMER'],
  'SALES.RAW.ORDERS': ['ID', 'Item No', 'IN_CENTS'],
  'SALES.PUBLIC.CUSTOMER': ['ID', 'NAME'],
};

function completer(names = async (container: readonly string[]) => NAMES[container.join('.')] ?? []) {
  return new NameCompleter({ names, context: async () => ({ database: 'SALES', schema: 'RAW' }) });
}

describe('completion at the prompt', () => {
  it.each([
    ['select * from ord', ['"Order Lines"', 'orders'], 'ord'],
    ['select * from ORD', ['"Order Lines"', 'ORDERS'], 'ORD'],
    ['use database s', ['sales', 'stage_db'], 's'],
    ['select * from sales.r', ['sales.raw'], 'sales.r'],
    ['select * from public.', ['public.customer'], 'public.'],
    ['select * from sales.raw."Or', ['sales.raw."Order Lines"', 'sales.raw.ORDERS'], 'sales.raw."Or'],
    ['sel', ['select'], 'sel'],
    ['select array_s', ['array_size'], 'array_s'],
    ['select * from orders o where o.i', ['o."Item No"', 'o.id', 'o.in_cents'], 'o.i'],
    ['update public.customer set na', ['name'], 'na'],
    ["select * from orders where x = ' from public.customer ' and na", [], 'na'],
    ['!fo', ['!format'], '!fo'],
  ])('%s', async (line, found, typed) => {
    expect(await completer().complete(line)).toEqual([found, typed]);
  });

  it('finds the columns of a table that is named behind the cursor or some lines before', async () => {
    const statement = 'select c.n\nfrom sales.public.customer as c left join orders';
    expect(await completer().complete('select c.n', statement)).toEqual([['c.name'], 'c.n']);
    expect((await completer().complete('and in_', statement))[0]).toEqual(['in_cents']);
  });

  it('offers nothing where names cannot be had', async () => {
    const failing = completer(async () => {
      throw new Error('the warehouse is away');
    });
    expect(await failing.complete('select * from x')).toEqual([[], 'x']);
  });
});
