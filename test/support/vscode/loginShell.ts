/** A login shell for a window of the tests: the system's, with start-up files of its own. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What its profile sets, with a variable that agents do not get, and nothing else of a window has. */
export const JAVA_HOME_OF_PROFILE = '/opt/java of the profile';

/** Makes it in a folder and gives the variables that a window finds it by; none where the system has no such shell. */
export async function loginShellIn(folder: string): Promise<Readonly<Record<string, string>>> {
  if (process.platform === 'win32') return {};
  const home = path.join(folder, 'home-of-shell');
  await mkdir(home);
  const own = process.env['HOME'] ?? '/';
  // The person's own start-up files are not read, and the home is theirs all the same.
  await writeFile(
    path.join(home, '.profile'),
    `export JAVA_HOME='${JAVA_HOME_OF_PROFILE}' SECRET_OF_THE_PROFILE=1 HOME='${own}'\n`,
  );
  // Named as what it is: each shell is asked in its own way.
  const shell = path.join(home, 'sh');
  await writeFile(shell, `#!/bin/sh\nHOME='${home}' exec /bin/sh "$@"\n`);
  await chmod(shell, 0o755);
  return { SHELL: shell };
}
