import { classOf, LENGTH_OF_CLASS } from './memory-terms.js';

/** Saturation of a word's frequency, and how much length counts: the values that BM25 is mostly used with. */
const K1 = 1.2;
const B = 0.75;

/** Of the namespaces that are looked into, taken as one collection; nothing else goes into a score. */
export interface Collection {
  readonly memories: number;
  readonly words: number;
}

/**
 * How much a word tells: ln(1 + (N - n + 0.5) / (n + 0.5)) for one that n of N texts have. (Robertson and Zaragoza, The
 * Probabilistic Relevance Framework: BM25 and Beyond, 2009; with the 1 that keeps it above zero, as Lucene has it.)
 */
export function inverseFrequency(having: number, { memories }: Collection): number {
  return Math.log(1 + (Math.max(0, memories - having) + 0.5) / (having + 0.5));
}

/**
 * BM25, word by word: the score of a text is the sum over the words of the question of
 * idf × f × (k1 + 1) / (f + k1 × (1 - b + b × length / average length)), f being how often the text has the word.
 */
export class Ranking {
  readonly scores: Float64Array;
  readonly #seqs: readonly number[];
  /** k1 × (1 - b + b × length / average) by class of length. */
  readonly #norms: Float64Array;

  /** `seqs`: the candidates, which carry their class of length. */
  constructor(seqs: readonly number[], collection: Collection) {
    const average = Math.max(1, collection.words / Math.max(1, collection.memories));
    this.#seqs = seqs;
    this.#norms = LENGTH_OF_CLASS.map((length) => K1 * (1 - B + (B * length) / average));
    this.scores = new Float64Array(seqs.length);
  }

  /** `frequencies`: how often each candidate has the word; 0 for never. */
  add(idf: number, frequencies: Uint8Array): void {
    const { scores } = this;
    for (let index = 0; index < scores.length; index += 1) {
      const frequency = frequencies[index] as number;
      if (frequency === 0) continue;
      const norm = this.#norms[classOf(this.#seqs[index] as number)] as number;
      scores[index] = (scores[index] as number) + (idf * frequency * (K1 + 1)) / (frequency + norm);
    }
  }
}
