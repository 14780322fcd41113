/** Where things are in the project, whether a test runs from its source or from its transformed copy. */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder with the manifest. Throws when the code was taken out of the project. */
export function projectRoot(from: string = __dirname): string {
  if (existsSync(path.join(from, 'package.json'))) return from;
  const parent = path.dirname(from);
  if (parent === from) throw new Error(`${__dirname} lies in no project`);
  return projectRoot(parent);
}

/** A recorded output of a real CLI: `claudeCommit`, `codexUnauthorized` and so on. */
export function fixturePath(name: string): string {
  return path.join(projectRoot(), 'test/support/agents/fixtures', `${name}.jsonl`);
}
