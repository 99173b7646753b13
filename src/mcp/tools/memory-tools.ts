import type { Tool } from '../tool.js';
import { memoryDelete } from './memory-delete.js';
import { memoryList } from './memory-list.js';
import { memorySearch } from './memory-search.js';
import { memoryStore } from './memory-store.js';
import { memoryUpdate } from './memory-update.js';

/** The toolset `memory`, in the order in which it is listed. */
export const MEMORY_TOOLS: readonly Tool[] = [memorySearch, memoryStore, memoryList, memoryUpdate, memoryDelete];
