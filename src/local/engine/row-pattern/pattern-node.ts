/** A pattern of rows, its symbols by number. */
export type PatternNode =
  /** A row of the symbol; `mark` (0 to 65,535) stands for the row in the path of a match. */
  | { readonly kind: 'symbol'; readonly symbol: number; readonly mark: number }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice' | 'permute'; readonly items: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly item: PatternNode;
      readonly min: number;
      /** Null: without an end. */
      readonly max: number | null;
      readonly reluctant: boolean;
    };

/** Whether no row at all matches the pattern. */
export function isNullable(node: PatternNode): boolean {
  switch (node.kind) {
    case 'symbol':
      return false;
    case 'start':
    case 'end':
      return true;
    case 'choice':
      return node.items.some(isNullable);
    case 'sequence':
    case 'permute':
      return node.items.every(isNullable);
    case 'repeat':
      return node.min === 0 || isNullable(node.item);
  }
}
