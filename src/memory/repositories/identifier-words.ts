/**
 * Text as the index's tokenizer is to see it. The tokenizer breaks at everything that is no letter or digit (so at the
 * underscores and dots of `stg_orders.order_id`); what changes case is broken here: `getOrderId` becomes `get Order Id`. An
 * English plural is taken back, so that `order` finds `orders`; words on -ss, -us and -is are none.
 */
export function spread(text: string): string {
  return text
    .replace(/([\p{Ll}\d])(?=\p{Lu})/gu, '$1 ')
    .replace(/(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1 ')
    .replace(/([a-z]{2}[a-hj-rtv-z])s(?![a-z\d])/gi, '$1');
}

const COMPOUND = /[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[A-Za-z][a-z0-9]+(?:[A-Z][a-z0-9]*)+/g;

/** Longest identifier that is also kept written as one. */
const LONGEST_COMPOUND = 80;

/** The identifiers of several words, each written as one, so that `orderid` finds `order_id` and `orderId`. */
export function compounds(text: string): readonly string[] {
  const found = new Set<string>();
  for (const [identifier] of text.matchAll(COMPOUND))
    if (identifier.length <= LONGEST_COMPOUND) found.add(identifier.replaceAll('_', '').toLowerCase());
  return [...found];
}
