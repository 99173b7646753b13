import type { Tool } from '../tool.js';

/** The toolset `memory`, in the order in which it is listed. */
export const MEMORY_TOOLS: readonly Tool[] = [];
