import type * as z from 'zod';

/** A question that a person can start with; what comes of it is for the model and the tools. */
export interface Prompt<Arguments extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** `database`, `schema` and `table` are completed out of the catalog. */
  readonly arguments: Arguments;
  /** What is said to the model. */
  text(args: z.output<Arguments>): string;
}

/** Keeps the arguments' type for `text` while the list of prompts holds them all alike. */
export function definePrompt<Arguments extends z.ZodObject>(prompt: Prompt<Arguments>): Prompt {
  return prompt as unknown as Prompt;
}
