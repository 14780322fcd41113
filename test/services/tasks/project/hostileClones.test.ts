/** What an agent leaves in a clone, and beside it, to get at the token: none of it does, and the work arrives all the same. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../../../../scripts/demo/repositories';
import { KernelError } from '../../../../src/kernel/errors/errors';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { addGitHubProject } from '../../../../src/services/tasks/project/githubProjects';
import { syncProject } from '../../../../src/services/tasks/landing/sync';
import { commitOf, type HostedRepository } from '../../../support/github/hub';
import { Lookout } from '../../../support/github/lookout';
import { contentsBelow } from '../../../support/github/processes';
import {
  addCommit,
  mergeDeps,
  projectDeps,
  proven,
  publisher,
  workDone,
  type Work,
} from '../../../support/github/projects';
import { GitHubFixture, OWN } from '../../../support/github/gitHubFixture';
import { Stranger } from '../../../support/github/stranger';
import { itLongIf } from '../../../support/long';
import { Projects } from '../../../support/projects';

/** What hostile content is made from. */
interface Means {
  /** Git's own folder of the clone. */
  readonly gitDir: string;
  readonly server: string;
  readonly stranger: string;
  /** An absolute program that leaves a mark. */
  readonly program: string;
}

interface HostileClone {
  readonly what: string;
  readonly settings?: (means: Means) => Readonly<Record<string, string>>;
  readonly make?: (means: Means) => Promise<void>;
  /** What is said instead of pushing and fetching. */
  readonly refuses?: RegExp;
  /** What is said instead of handing over to the clone what was fetched. */
  readonly refusesToFetch?: RegExp;
}

const TRACKED = 'refs/remotes/origin/main';

const HOSTILE: readonly HostileClone[] = [
  { what: 'url.insteadOf', settings: ({ stranger, server }) => ({ [`url.${stranger}/.insteadOf`]: `${server}/` }) },
  {
    what: 'url.pushInsteadOf',
    settings: ({ stranger, server }) => ({ [`url.${stranger}/.pushInsteadOf`]: `${server}/` }),
  },
  {
    what: 'url.insteadOf with a program as its protocol',
    settings: ({ program, server }) => ({
      'protocol.ext.allow': 'always',
      [`url.ext::${program} .insteadOf`]: `${server}/`,
      [`url.ext::${program} /.insteadOf`]: '/',
    }),
    refusesToFetch: /not allowed/,
  },
  { what: 'http.proxy', settings: ({ stranger }) => ({ 'http.proxy': stranger }) },
  { what: 'a proxy for the server', settings: ({ stranger, server }) => ({ [`http.${server}/.proxy`]: stranger }) },
  { what: 'remote.origin.proxy', settings: ({ stranger }) => ({ 'remote.origin.proxy': stranger }) },
  { what: 'remote.origin.url', settings: ({ stranger }) => ({ 'remote.origin.url': `${stranger}/ada/stamps.git` }) },
  {
    what: 'remote.origin.pushurl',
    settings: ({ stranger }) => ({ 'remote.origin.pushurl': `${stranger}/ada/stamps.git` }),
  },
  {
    what: 'another Authorization',
    settings: ({ server }) => ({ [`http.${server}/.extraHeader`]: 'Authorization: Basic ZXZpbDpldmls' }),
  },
  {
    what: 'helpers of its own',
    settings: ({ program, server }) => ({
      'credential.helper': `!${program}`,
      [`credential.${server}.helper`]: `!${program}`,
      'core.askPass': program,
    }),
  },
  {
    what: 'programs of the transport',
    settings: ({ program, server }) => ({
      'core.sshCommand': program,
      'core.gitProxy': program,
      'remote.origin.uploadpack': program,
      'remote.origin.receivepack': program,
      [`remote.${server}/ada/stamps.git.receivepack`]: program,
      [`remote.${server}/ada/stamps.git.vcs`]: 'ext',
    }),
  },
  {
    what: 'an SSH address',
    settings: ({ program, server }) => ({ [`url.ssh://x/.insteadOf`]: `${server}/`, 'core.sshCommand': program }),
  },
  { what: 'remote.origin.vcs', settings: () => ({ 'remote.origin.vcs': 'ext' }) },
  {
    what: 'core.fsmonitor and signing',
    settings: ({ program }) => ({
      'core.fsmonitor': program,
      'push.gpgSign': 'if-asked',
      'gpg.program': program,
      'push.recurseSubmodules': 'check',
    }),
  },
  { what: 'http.curloptResolve', settings: () => ({ 'http.curloptResolve': '+127.0.0.1:1:127.0.0.2' }) },
  {
    what: 'http.saveCookies',
    settings: ({ gitDir }) => ({ 'http.cookieFile': `${gitDir}/jar`, 'http.saveCookies': 'true' }),
  },
  {
    what: 'include.path',
    settings: ({ gitDir }) => ({ 'include.path': path.join(gitDir, 'more') }),
    make: ({ gitDir, program, stranger, server }) =>
      writeFile(
        path.join(gitDir, 'more'),
        `[core]\n\thooksPath = ${path.dirname(program)}\n\tsshCommand = ${program}\n[http]\n\tproxy = ${stranger}\n` +
          `[url "${stranger}/"]\n\tinsteadOf = ${server}/\n[credential]\n\thelper = "!${program}"\n`,
      ),
  },
  {
    what: 'hooks',
    make: async ({ gitDir, program }) => {
      await mkdir(path.join(gitDir, 'hooks'), { recursive: true });
      for (const name of [
        'pre-push',
        'reference-transaction',
        'post-checkout',
        'post-merge',
        'pre-auto-gc',
        'fsmonitor-watchman',
      ]) {
        await symlink(program, path.join(gitDir, 'hooks', name));
      }
    },
  },
  {
    what: 'alternates with a command for their references',
    settings: ({ program }) => ({ 'core.alternateRefsCommand': program }),
    make: async ({ gitDir }) => {
      const other = path.join(gitDir, 'other');
      await git(gitDir, ['init', '--quiet', '--bare', other]);
      await writeFile(path.join(gitDir, 'objects', 'info', 'alternates'), `${path.join(other, 'objects')}\n`);
    },
  },
  {
    what: 'objects that are a link',
    make: async ({ gitDir }) => {
      const away = path.join(path.dirname(path.dirname(gitDir)), 'away');
      await rename(path.join(gitDir, 'objects'), away);
      await symlink(away, path.join(gitDir, 'objects'));
    },
    refuses: /outside of the clone/,
  },
  {
    what: 'alternates that are a link',
    make: async ({ gitDir }) => {
      const list = path.join(gitDir, 'list');
      await writeFile(list, '');
      await symlink(list, path.join(gitDir, 'objects', 'info', 'alternates'));
    },
    refuses: /is not a file/,
  },
];

/** Each leads where one that is in every run leads, too. */
const VARIANTS = [
  'url.pushInsteadOf',
  'a proxy for the server',
  'remote.origin.proxy',
  'remote.origin.pushurl',
  'an SSH address',
];

describe('the token of GitHub, beside hostile agents', function () {
  this.timeout(240_000);
  const gitHub = GitHubFixture.ofSuite();
  const projects = Projects.ofSuite();
  let kernel: ProjectKernel;
  let stranger: Stranger;

  beforeEach(async () => {
    kernel = await projects.create();
    stranger = await Stranger.start();
  });
  afterEach(() => stranger.close());

  const hosted = (): HostedRepository => gitHub.hub.find(OWN.owner, OWN.repo) ?? assert.fail('no repository');
  const branchOf = ({ subtask }: Work): string => subtask.branchName ?? assert.fail('no branch');
  const prepared = async (): Promise<Work> =>
    workDone(kernel, await addGitHubProject(projectDeps(gitHub, kernel), 'ada/stamps'));

  /** The token, and the form that git sends it in. */
  function canaries(): string[] {
    const sent = Buffer.from(`x-access-token:${gitHub.token}`).toString('base64');
    return [gitHub.token, sent, sent.slice(24, -4)];
  }

  async function theirs(parent: string): Promise<string> {
    const commit = ['commit-tree', `${parent}^{tree}`, '-p', parent, '-m', 'A person helps'];
    return (await git(hosted().folder, ['-c', 'user.name=Bo', '-c', 'user.email=bo@example.com', ...commit])).trim();
  }

  async function mark(): Promise<{ readonly program: string; readonly marked: string }> {
    const folder = path.join(gitHub.folder, 'programs');
    await mkdir(folder, { recursive: true });
    const [program, marked] = [path.join(folder, 'evil'), path.join(gitHub.folder, 'marked')];
    await writeFile(program, `#!/bin/sh\necho "$0 $*" >> ${marked}\nexit 1\n`);
    await chmod(program, 0o755);
    return { program, marked };
  }

  it('is in no environment and no command line while git adds, pushes and fetches', async function () {
    if (process.platform !== 'linux') return this.skip();
    const lookout = await Lookout.start(canaries());
    const done = await prepared();
    await publisher(gitHub, kernel)(done);
    await git(hosted().folder, ['update-ref', 'refs/heads/main', await theirs('refs/heads/main')]);
    await syncProject(mergeDeps(gitHub, kernel), done.project.id);
    const { sawGit, found } = await lookout.end();
    assert.deepEqual(found, []);
    assert.equal(sawGit, true);
  });

  for (const { what, settings, make, refuses, refusesToFetch } of HOSTILE) {
    const itThen = itLongIf(VARIANTS.includes(what));
    itThen(`goes to GitHub alone from a clone with ${what}`, async () => {
      const done = await prepared();
      const gitDir = path.join(done.project.clonePath, '.git');
      const { program, marked } = await mark();
      const means = { gitDir, program, stranger: stranger.url, server: gitHub.server.url };
      await git(hosted().folder, ['update-ref', 'refs/heads/main', await theirs('refs/heads/main')]);
      const head = (await git(done.project.clonePath, ['rev-parse', 'HEAD'])).trim();
      for (const [key, value] of Object.entries(settings?.(means) ?? {})) {
        await git(done.project.clonePath, ['config', '--add', key, value]);
      }
      await make?.(means);
      const outcome = await publisher(gitHub, kernel)(done).catch((error: unknown) => error);
      const synced = await syncProject(mergeDeps(gitHub, kernel), done.project.id).catch((error: unknown) => error);
      assert.equal(existsSync(marked), false, existsSync(marked) ? await readFile(marked, 'utf8') : '');
      for (const canary of canaries())
        assert.equal(stranger.received.join('\n').includes(canary), false, 'sent to a stranger');
      assert.deepEqual(stranger.received, []);
      if (refuses === undefined) {
        assert.ok(!(outcome instanceof Error), String(outcome));
        assert.equal(await commitOf(hosted(), branchOf(done)), head);
        if (refusesToFetch !== undefined) {
          assert.match(String(synced), refusesToFetch);
          return;
        }
        assert.ok(!(synced instanceof Error), String(synced));
        const main = await git(done.project.clonePath, ['for-each-ref', '--format=%(objectname)', TRACKED]);
        assert.equal(main.trim(), await commitOf(hosted(), 'main'));
      } else {
        for (const refused of [outcome, synced]) {
          assert.ok(KernelError.is(refused, 'GIT_FAILED'), String(refused));
          assert.match(refused.message, refuses);
        }
        assert.equal(await commitOf(hosted(), branchOf(done)), undefined);
      }
    });
  }

  it('does not follow the server to another one', async () => {
    const done = await prepared();
    const headers = { location: `${stranger.url}/ada/stamps.git/info/refs?service=git-receive-pack` };
    gitHub.server.fail('git', ...Array.from({ length: 4 }, () => ({ status: 302, body: '', headers })));
    await assert.rejects(publisher(gitHub, kernel)(done), (error) => KernelError.is(error, 'GIT_FAILED'));
    for (const canary of canaries()) assert.equal(stranger.received.join('\n').includes(canary), false);
    assert.equal(await commitOf(hosted(), branchOf(done)), undefined);
  });

  it('replaces no commit of others, whatever the clone says was pushed', async () => {
    const done = await prepared();
    const { clonePath } = done.project;
    await publisher(gitHub, kernel)(done);
    const pushed = (await commitOf(hosted(), branchOf(done))) ?? assert.fail('not pushed');
    const helped = await theirs(pushed);
    await git(hosted().folder, ['update-ref', `refs/heads/${branchOf(done)}`, helped]);
    await git(clonePath, ['fetch', '--quiet', hosted().folder, `+refs/heads/*:refs/remotes/origin/*`]);
    await git(clonePath, ['update-ref', `refs/intercore/pushed/${branchOf(done)}`, helped]);
    await git(clonePath, ['reset', '--quiet', '--hard', done.subtask.baseSha ?? '']);
    await addCommit(done.project, 'again.txt');
    const again = await proven(kernel, done);
    await assert.rejects(publisher(gitHub, kernel)(again), (error) => KernelError.is(error, 'GIT_FAILED'));
    assert.equal(await commitOf(hosted(), branchOf(done)), helped);
  });

  it('leaves no repository, no secret and no lock behind in our storage', async () => {
    const done = await prepared();
    await publisher(gitHub, kernel)(done);
    await syncProject(mergeDeps(gitHub, kernel), done.project.id);
    const storage = path.join(gitHub.folder, 'storage');
    assert.deepEqual(await readdir(path.join(storage, 'transport')), []);
    for (const [file, text] of await contentsBelow(gitHub.folder)) {
      for (const canary of canaries()) assert.equal(text.includes(canary), false, file);
    }
  });
});
