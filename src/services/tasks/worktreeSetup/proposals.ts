/**
 * Proposals for the set-up of a project's new worktrees: command lines from the files of package managers, setup files
 * of other tools in the repository, and ignored files to copy. Nothing is run or written here.
 */
import type { SetupProposal } from '../../../contract/results/worktrees';
import { detectedSetup, type RepositoryFiles } from './detections';
import { importedSetup } from './importedSetup';

/** Ignored files that programs read at their start. */
const ENVIRONMENT_FILES = ['.env', '.env.local', '.env.development', '.env.development.local', '.env.test.local'];
/**
 * Folders that take long to create and can be copied. A Python virtual environment contains its own path, so it cannot
 * be copied.
 */
const DEPENDENCY_FOLDERS = ['node_modules', 'vendor/bundle', 'Pods'];

/**
 * In the order in which they should run. Another tool's file replaces detections, because the project's team chose it.
 */
export async function proposeSetup(files: RepositoryFiles): Promise<SetupProposal[]> {
  const imported = await importedSetup(files);
  const detected = await detectedSetup(files);
  const environment = await present(files, ENVIRONMENT_FILES);
  const dependencies = await present(files, DEPENDENCY_FOLDERS);
  const isReplaced = imported.some(({ isChosen }) => isChosen);
  return [
    ...environment.map((pattern): SetupProposal => ({
      kind: 'copy',
      source: pattern,
      pattern: `/${pattern}`,
      isChosen: true,
    })),
    ...dependencies.map((folder): SetupProposal => ({
      kind: 'copy',
      source: folder,
      pattern: `/${folder}/`,
      isChosen: false,
    })),
    ...imported,
    ...detected.map((proposal): SetupProposal => ({ ...proposal, isChosen: proposal.isChosen && !isReplaced })),
  ];
}

async function present(files: RepositoryFiles, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => files.has(name)));
  return names.filter((_, index) => found[index]);
}
