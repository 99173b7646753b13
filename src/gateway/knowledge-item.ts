/** What a client stored, or a chunk of a file: data, never instructions. */
export type KnowledgeItem =
  | {
      readonly kind: 'memory';
      readonly id: string;
      /** Of a shared one. */
      readonly namespace?: string;
      readonly text: string;
      readonly tags: readonly string[];
      readonly links: readonly string[];
      readonly author: string;
      /** ISO 8601. */
      readonly updated_at: string;
    }
  | {
      readonly kind: 'code';
      readonly repository: string;
      readonly namespace?: string;
      readonly path: string;
      readonly first_line: number;
      readonly last_line: number;
      readonly language: string;
      readonly text: string;
    };
