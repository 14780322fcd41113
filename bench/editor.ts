/**
 * Measures the bars of the design (`docs/design/architecture.md#bars`) that concern the editor. Prints tables, asserts
 * nothing.
 */
import { rm } from 'node:fs/promises';
import { ensureVsCodeServer } from '../tools/install';
import { makeTmpFolder } from '../tools/project';
import { printDispatches } from './dispatches';
import { printActivation } from './editorActivation';
import { printBlocking } from './editorBlocking';
import { printLarge } from './editorLarge';
import { printLoad } from './editorLoad';
import { printNeeds } from './editorNeeds';
import { printTree } from './editorTree';
import { printLargeTasks } from './largeTasks';
import { printPackage, stageForProduction } from './package';

/** Sections by name, in the order they are printed. */
type Section = (staged: string) => Promise<void>;
const SECTIONS: Readonly<Record<string, Section>> = {
  package: printPackage,
  load: async (staged) => {
    const { node } = await ensureVsCodeServer((line) => console.log(line));
    await printLoad(`${staged}/dist/extension.js`, node);
  },
  activation: printActivation,
  tree: printTree,
  tasks: printLargeTasks,
  needs: printNeeds,
  blocking: printBlocking,
  large: printLarge,
  dispatches: printDispatches,
};

/** Prints the named sections, or all. Throws at a name that is none. */
export async function measureEditor(names: readonly string[] = Object.keys(SECTIONS)): Promise<void> {
  const folder = await makeTmpFolder('bench');
  try {
    const staged = await stageForProduction(folder);
    for (const name of names) {
      const section = SECTIONS[name];
      if (section === undefined) throw new Error(`There is no section ${name}: ${Object.keys(SECTIONS).join(', ')}`);
      await section(staged);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (require.main === module) {
  const names = process.argv.slice(2);
  measureEditor(names.length === 0 ? undefined : names).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
