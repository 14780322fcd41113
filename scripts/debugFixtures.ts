/** Makes the folders that the debugger opens for the extension tests (.vscode/launch.json), new each time. */
import { mkdir, rm } from 'node:fs/promises';
import { prepareFixture } from '../test/support/vscode/fixtures';
import { inTmp } from '../tools/project';

async function main(): Promise<void> {
  for (const name of ['folder', 'workspace'] as const) {
    const folder = inTmp('debug', name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await prepareFixture(name, folder);
  }
}

main().catch((cause: unknown) => {
  console.error(cause instanceof Error ? cause.message : cause);
  process.exitCode = 1;
});
