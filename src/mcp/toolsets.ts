import { INSTRUCTIONS, INSTRUCTIONS_OF_CODE, INSTRUCTIONS_OF_MEMORY } from './instructions.js';
import type { Tool } from './tool.js';
import { CORE_TOOLS } from './tools/core-tools.js';

const TOOLSETS = ['core', 'memory', 'code'] as const;
export type Toolset = (typeof TOOLSETS)[number];

/** What a server offers, and how it tells a model to use it. */
export interface Offer {
  readonly tools: readonly Tool[];
  readonly instructions: string;
}

export const CORE_OFFER: Offer = { tools: CORE_TOOLS, instructions: INSTRUCTIONS };

/** The core is always offered; the others are loaded when they are asked for: every tool costs each conversation its tokens. */
export async function offerOf(
  toolsets: readonly Toolset[],
  options: { readonly memoryAliases?: boolean } = {},
): Promise<Offer> {
  const tools = [...CORE_TOOLS];
  const instructions = [INSTRUCTIONS];
  if (toolsets.includes('memory')) {
    tools.push(...(await import('./tools/memory-tools.js')).MEMORY_TOOLS);
    if (options.memoryAliases === true) tools.push(...(await import('./tools/memory-aliases.js')).MEMORY_ALIASES);
    instructions.push(INSTRUCTIONS_OF_MEMORY);
  }
  if (toolsets.includes('code')) {
    tools.push(...(await import('./tools/code-tools.js')).CODE_TOOLS);
    instructions.push(INSTRUCTIONS_OF_CODE);
  }
  return { tools, instructions: instructions.join('\n') };
}
