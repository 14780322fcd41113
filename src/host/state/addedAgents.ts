/**
 * Agents that a person added (`docs/design/sessions.md#adding-an-agent`): a folder for each package and version, and next
 * to it a file for each kind, which appears once its package is complete. Windows and `ic` read the same files.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { agentKind } from '../../contract/agentKinds';
import { isNoEntry } from '../files/fileErrors';
import { renameOver } from '../files/renames';
import { removePackage } from './agentPackages';
import { addedAgentsFolder } from './stateFolder';

const ENDING = '.json';

const addedAgent = z.object({
  version: z.string(),
  /** What the command line starts, or what Node runs. */
  main: z.string(),
  kind: agentKind,
});
export type AddedAgent = z.infer<typeof addedAgent>;

/** In alphabetical order. An agent whose files are gone, or whose entry is damaged, counts as not added. */
export function addedAgents(environment: NodeJS.ProcessEnv): AddedAgent[] {
  const folder = addedAgentsFolder(environment);
  return namesIn(folder).flatMap((name) => {
    const agent = readAgent(path.join(folder, name));
    return agent?.kind.name === path.basename(name, ENDING) && existsSync(agent.main) ? [agent] : [];
  });
}

/** Replaces the entry of an agent of the same name. */
export async function writeAddedAgent(environment: NodeJS.ProcessEnv, agent: AddedAgent): Promise<void> {
  const file = path.join(addedAgentsFolder(environment), `${agent.kind.name}${ENDING}`);
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, JSON.stringify(agent), { mode: 0o600 });
    await renameOver(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes the entry, then the package. */
export async function removeAddedAgent(environment: NodeJS.ProcessEnv, { kind, main }: AddedAgent): Promise<void> {
  await rm(path.join(addedAgentsFolder(environment), `${kind.name}${ENDING}`), { force: true });
  await removePackage(environment, main);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ENDING))
      .sort();
  } catch (error) {
    if (isNoEntry(error)) return [];
    throw error;
  }
}

function readAgent(file: string): AddedAgent | undefined {
  try {
    return addedAgent.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
