/** An output file outside our storage, for agents that write to their log. */
import { rm, symlink } from 'node:fs/promises';

/** What the agent says is in its log, which the named file then leads to. */
export async function linkOutput(log: string | undefined, outputFile: string): Promise<void> {
  if (log === undefined || log === outputFile) return;
  await rm(outputFile, { force: true });
  await symlink(log, outputFile);
}
