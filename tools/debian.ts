/** Programs that tests need and a bare Debian machine lacks. */
import { findOnPath, run } from './command';
import type { Say } from './project';

/** How a person installs packages on Debian and its relatives. */
export const byHand = (packages: readonly string[]): string => `apt-get install ${packages.join(' ')}`;

/** Installs packages where this process may: as root, where there is apt-get. False, with nothing done, elsewhere. */
export async function installPackages(packages: readonly string[], say: Say): Promise<boolean> {
  if (process.getuid?.() !== 0 || (await findOnPath('apt-get')) === undefined) return false;
  say(`Installing what is missing (once): ${byHand(packages)}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env, what: 'The list of Debian packages could not be fetched' });
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  await run('apt-get', args, { env, what: `${packages.join(', ')} could not be installed` });
  return true;
}

/** Makes sure there is a sqlite3 program, which reads our files as strangers do. Throws, saying how to get it. */
export async function ensureSqlite3(say: Say): Promise<void> {
  if ((await findOnPath('sqlite3')) !== undefined) return;
  if (await installPackages(['sqlite3'], say)) return;
  throw new Error(`The tests need the sqlite3 program. On Debian: ${byHand(['sqlite3'])}.`);
}
