/** Folders as an attacker might publish them to harm their users. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRepository } from '../../scripts/demo/repositories';
import { databasePath } from '../../src/host/files/paths';
import { leaveSuperJournal } from '../support/dispatch/leftovers';
import { databaseOf } from '../support/records/oldDatabases';
import type { Canaries } from './canaries';
import { craftedRecord } from './craftedRecord';

const MIB = 1_048_576;

export interface HostileFolder {
  readonly name: string;
  /** Whether its record cannot be read, so that each use of it says so. */
  readonly isRefused: boolean;
  /** Fills a folder that is a repository with a crafted record already. */
  readonly make: (folder: string, canaries: Canaries) => Promise<unknown>;
}

const refused = (name: string, make: HostileFolder['make']): HostileFolder => ({ name, isRefused: true, make });
const readable = (name: string, make: HostileFolder['make']): HostileFolder => ({ name, isRefused: false, make });

export const CORPUS: readonly HostileFolder[] = [
  readable('crafted-rows', () => Promise.resolve()),
  readable('git-configuration', async (folder, canaries) => {
    const config = `[core]\n\tfsmonitor = ${canaries.program}\n\thooksPath = hooks\n\tsshCommand = ${canaries.program}
[diff]\n\texternal = ${canaries.program}\n[credential]\n\thelper = !${canaries.program}
[protocol "ext"]\n\tallow = always\n[filter "evil"]\n\tclean = ${canaries.program}\n\tsmudge = ${canaries.program}\n\trequired = true
[diff "evil"]\n\ttextconv = ${canaries.program}\n[remote "origin"]\n\turl = ext::${canaries.program}\n`;
    execFileSync('sh', ['-c', 'cat >> .git/config'], { cwd: folder, input: config });
    await writeFile(path.join(folder, '.gitattributes'), '* filter=evil diff=evil\n');
    await mkdir(path.join(folder, 'hooks'));
    for (const hook of ['pre-commit', 'post-checkout', 'reference-transaction', 'fsmonitor-watchman']) {
      await program(path.join(folder, 'hooks', hook), canaries);
      await program(path.join(folder, '.git/hooks', hook), canaries);
    }
  }),
  readable('hooks-and-settings', async (folder, canaries) => {
    for (const hook of ['on-phase-advance', 'on-dispatch-change']) {
      await program(path.join(folder, '.clavain/hooks', hook), canaries);
    }
    await mkdir(path.join(folder, '.vscode'));
    const kind = { name: 'shell', command: canaries.program, args: [], prompt: 'argument' };
    const settings = {
      'git.path': canaries.program,
      'intercore.agents.kinds': [kind, { ...kind, name: 'claude' }],
      'intercore.tasks.beadsPath': canaries.program,
      'intercore.tasks.tracker': 'beads',
      'intercore.tasks.storagePath': canaries.outside,
      'intercore.dispatch.storagePath': canaries.outside,
    };
    await writeFile(path.join(folder, '.vscode/settings.json'), JSON.stringify(settings));
    await writeFile(
      path.join(folder, '.mcp.json'),
      JSON.stringify({ mcpServers: { x: { command: canaries.program } } }),
    );
  }),
  readable('launch-records', async (folder, canaries) => {
    const started = { version: 1, pid: canaries.pid, startToken: await canaries.startToken(), host: '' };
    for (let n = 0; n < 6; n++) {
      for (const ending of ['started.json', 'exit.json', 'process.json']) {
        await writeFile(path.join(folder, '.clavain', `disp000${n}.${ending}`), JSON.stringify(started));
      }
    }
  }),
  refused('trigger-over-endless-view', async (folder) => {
    const sql = `CREATE TABLE extension_schema (component TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL);
      CREATE VIEW endless AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c;
      CREATE TRIGGER hang BEFORE INSERT ON extension_schema BEGIN SELECT count(*) FROM endless; END;`;
    await writeFile(databasePath(folder), await databaseOf(sql));
  }),
  refused('generated-column', async (folder) => {
    const sql = 'CREATE TABLE runs (id TEXT NOT NULL PRIMARY KEY, x AS (zeroblob(1000000000)))';
    await writeFile(databasePath(folder), await databaseOf(sql));
  }),
  refused('log-of-an-endless-device', (folder) => symlink('/dev/zero', `${databasePath(folder)}-wal`)),
  refused('journal-linked-outside', (folder, { secret }) => symlink(secret, `${databasePath(folder)}-journal`)),
  refused('journal-that-names-another-file', (folder, { secret }) => leaveSuperJournal(databasePath(folder), secret)),
  refused('half-a-gigabyte-of-zeros', async (folder) => {
    await truncate(databasePath(folder), 0);
    await truncate(databasePath(folder), 512 * MIB);
  }),
  refused('pipe-in-place-of-the-database', async (folder) => {
    await rm(databasePath(folder));
    execFileSync('mkfifo', [databasePath(folder)]);
  }),
  refused('database-linked-outside', async (folder, { secret }) => {
    await rm(databasePath(folder));
    await symlink(secret, databasePath(folder));
  }),
];

/** Makes the folder below `parent` and gives its path. */
export async function makeHostileFolder(hostile: HostileFolder, parent: string, canaries: Canaries): Promise<string> {
  const folder = path.join(parent, hostile.name);
  await createRepository(folder, [{ message: 'Start', files: { 'README.md': `# ${hostile.name}\n` } }]);
  await mkdir(path.join(folder, '.clavain/hooks'), { recursive: true });
  await writeFile(databasePath(folder), await craftedRecord(folder, canaries));
  await hostile.make(folder, canaries);
  return folder;
}

async function program(file: string, canaries: Canaries): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\nexec '${canaries.program}' "$0"\n`);
  await chmod(file, 0o755);
}
