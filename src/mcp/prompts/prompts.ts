import type { McpServer } from '@modelcontextprotocol/server';
import { exploreDatabase } from './explore-database.js';
import { findTrouble } from './find-trouble.js';
import { profileTable } from './profile-table.js';
import type { Prompt } from './prompt.js';

/** All prompts, in the order in which they are listed. */
export const PROMPTS: readonly Prompt[] = [exploreDatabase, profileTable, findTrouble];

export function registerPrompts(server: McpServer): void {
  for (const { name, title, description, arguments: argsSchema, text } of PROMPTS) {
    server.registerPrompt(name, { title, description, argsSchema }, (args) => ({
      description,
      messages: [{ role: 'user', content: { type: 'text', text: text(args) } }],
    }));
  }
}
