/** Output files outside our storage, for agents that write to their log. */
import { rm, symlink } from 'node:fs/promises';
import type { LogLocation } from './logLocation';

/** Links the named file to the agent's log. */
export async function linkOutput(log: LogLocation, outputFile: string): Promise<void> {
  if (log.kind !== 'own' || log.file === outputFile) return;
  await rm(outputFile, { force: true });
  await symlink(log.file, outputFile);
}
