/** A repository that cannot be used has one sentence for each cause, whichever step meets it first. */
import assert from 'node:assert/strict';
import { chown, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createRepository, git, PARCEL_API } from '../../../../scripts/demo/repositories';
import type { ErrorCode } from '../../../../src/kernel/errors/errors';
import { SENTENCES } from '../../../../src/kernel/errors/errorSentences';
import { sha } from '../../../../src/kernel/text/gitNames';
import type { Project } from '../../../../src/kernel/tasks/record/model';
import { completeSubtask, recordProof } from '../../../../src/kernel/tasks/subtask/progress';
import { relocateProject } from '../../../../src/kernel/tasks/project/projectFacts';
import { getTask, listProjects } from '../../../../src/kernel/tasks/service';
import { stageFailures } from '../../../../src/kernel/tasks/upkeep/stageHolds';
import { addSubtask } from '../../../../src/kernel/tasks/subtask/subtasks';
import { changesOf } from '../../../../src/services/tasks/proof/changes';
import type { TaskDeps } from '../../../../src/services/tasks/deps';
import { mergeOnThisMachine } from '../../../../src/services/tasks/landing/branchLanding';
import { planTask } from '../../../../src/services/tasks/work/planner';
import { changeBase } from '../../../../src/services/tasks/project/projectMoves';
import { addLocalProject } from '../../../../src/services/tasks/project/projects';
import { prepareWorkplace } from '../../../../src/services/tasks/work/worktreePreparation';
import { ic } from '../../../support/ic/ic';
import { findings, Machine } from '../../../support/ic/environment';
import { itLongIf } from '../../../support/long';
import { proofOf, worked } from '../../../support/tasks/proofFixture';
import { TaskFixture } from '../../../support/tasks/taskFixture';

interface Cause {
  readonly code: ErrorCode;
  /** What the doctor finds, and the fix that it offers. */
  readonly finding: string;
  readonly fix: string | null;
  readonly breaks: (repository: string) => Promise<void>;
  readonly restores: (repository: string) => Promise<void>;
  /** Steps that do not need what is missing. */
  readonly unaffected?: readonly string[];
  readonly pathIsEmpty?: boolean;
}

const away = (place: string): string => `${place}-away`;
const gitOf = (repository: string): string => path.join(repository, '.git');

const CAUSES: Readonly<Record<string, Cause>> = {
  'a folder that was deleted': {
    code: 'FOLDER_MISSING',
    finding: 'CLONE_GONE',
    fix: 'intercore.project.relocate',
    breaks: (repository) => rename(repository, away(repository)),
    restores: (repository) => rename(away(repository), repository),
  },
  'a folder without a repository': {
    code: 'GIT_REPOSITORY_MISSING',
    finding: 'CLONE_NO_REPOSITORY',
    fix: 'intercore.project.relocate',
    breaks: (repository) => rename(gitOf(repository), away(repository)),
    restores: (repository) => rename(away(repository), gitOf(repository)),
  },
  'a repository whose files of git are in another folder': {
    code: 'GIT_FILES_APART',
    finding: 'CLONE_FILES_APART',
    fix: 'core.worktree',
    async breaks(repository) {
      await rename(gitOf(repository), away(repository));
      await symlink(away(repository), gitOf(repository));
    },
    async restores(repository) {
      await rm(gitOf(repository));
      await rename(away(repository), gitOf(repository));
    },
  },
  'a repository of another user': {
    code: 'GIT_OWNERSHIP',
    finding: 'CLONE_OWNERSHIP',
    fix: 'git config --global --add safe.directory ',
    breaks: (repository) => own(repository, 12_345),
    restores: (repository) => own(repository, 0),
  },
  'a `.git` file that leads nowhere': {
    code: 'GIT_LINK_BROKEN',
    finding: 'CLONE_LINK_BROKEN',
    fix: 'intercore.project.relocate',
    ...replaced('', 'gitdir: /gone/repository\n'),
  },
  'a `.git` file that names nothing': {
    code: 'REPOSITORY_DAMAGED',
    finding: 'CLONE_DAMAGED',
    fix: null,
    ...replaced('', 'nothing\n'),
  },
  'an empty HEAD': {
    code: 'HEAD_DAMAGED',
    finding: 'CLONE_DAMAGED',
    fix: null,
    ...replaced('HEAD', ''),
    unaffected: ['changes', 'proof'],
  },
  'a HEAD of garbage': {
    code: 'HEAD_DAMAGED',
    finding: 'CLONE_DAMAGED',
    fix: null,
    ...replaced('HEAD', '\0\0main'),
    unaffected: ['changes', 'proof'],
  },
  'no objects': {
    code: 'OBJECTS_MISSING',
    finding: 'CLONE_DAMAGED',
    fix: null,
    ...replaced('objects', undefined),
  },
  'objects that are lost': {
    code: 'OBJECTS_MISSING',
    finding: 'CLONE_DAMAGED',
    fix: null,
    async breaks(repository) {
      await replaced('objects', undefined).breaks(repository);
      await mkdir(path.join(gitOf(repository), 'objects'));
    },
    restores: replaced('objects', undefined).restores,
    unaffected: ['change of the base branch'],
  },
  'objects borrowed from a repository that is away': {
    code: 'OBJECTS_MISSING',
    finding: 'CLONE_DAMAGED',
    fix: null,
    async breaks(repository) {
      await replaced('objects', undefined).breaks(repository);
      await mkdir(path.join(gitOf(repository), 'objects', 'info'), { recursive: true });
      await writeFile(path.join(gitOf(repository), 'objects', 'info', 'alternates'), '/gone/objects\n');
    },
    restores: replaced('objects', undefined).restores,
    unaffected: ['change of the base branch'],
  },
  'a branch that is damaged': {
    code: 'REPOSITORY_DAMAGED',
    finding: 'CLONE_DAMAGED',
    fix: null,
    ...replaced('refs/heads/main', 'garbage\n'),
    unaffected: ['changes', 'proof', 'change of the base branch'],
  },
  'a configuration that cannot be parsed': {
    code: 'REPOSITORY_DAMAGED',
    finding: 'CLONE_DAMAGED',
    fix: null,
    ...replaced('config', '[core\n'),
  },
  'a repository that is bare by mistake': {
    code: 'BARE_BY_OPTION',
    finding: 'CLONE_BARE',
    fix: 'core.bare false',
    breaks: (repository) => git(repository, ['config', 'core.bare', 'true']).then(() => undefined),
    restores: (repository) =>
      git(repository, ['config', '--file', path.join(gitOf(repository), 'config'), 'core.bare', 'false']).then(
        () => undefined,
      ),
    unaffected: ['proof'],
  },
  'a repository without a commit': {
    code: 'REPOSITORY_EMPTY',
    finding: 'CLONE_EMPTY',
    fix: null,
    async breaks(repository) {
      await rename(gitOf(repository), away(repository));
      await git(repository, ['init', '--quiet', '--initial-branch=main']);
    },
    async restores(repository) {
      await rm(gitOf(repository), { recursive: true });
      await rename(away(repository), gitOf(repository));
    },
    // Its worktree belongs to no repository then.
    unaffected: ['proof'],
  },
  'no git': {
    code: 'GIT_MISSING',
    finding: 'GIT_MISSING',
    fix: 'https://git-scm.com',
    pathIsEmpty: true,
    breaks: () => Promise.resolve(),
    restores: () => Promise.resolve(),
  },
  'a base branch that was deleted': {
    code: 'BRANCH_MISSING',
    finding: 'CLONE_NO_BRANCH',
    fix: 'intercore.project.changeBase',
    async breaks(repository) {
      await git(repository, ['checkout', '--quiet', '--detach']);
      await git(repository, ['branch', '--quiet', '--delete', '--force', 'main']);
    },
    async restores(repository) {
      await git(repository, ['checkout', '--quiet', '-b', 'main']);
    },
    unaffected: ['changes', 'proof'],
  },
};

/** A part of `.git`, or that itself, with another text in its place, or with nothing. */
function replaced(name: string, text: string | undefined): Pick<Cause, 'breaks' | 'restores'> {
  const part = (repository: string): string => path.join(gitOf(repository), name);
  return {
    async breaks(repository) {
      await rename(part(repository), away(repository));
      if (text !== undefined) await writeFile(part(repository), text);
    },
    async restores(repository) {
      await rm(part(repository), { recursive: true, force: true });
      await rename(away(repository), part(repository));
    },
  };
}

async function own(folder: string, uid: number): Promise<void> {
  for (const place of [folder, gitOf(folder)]) await chown(place, uid, uid);
}

/** Each is a variant of one that is in every run. */
const VARIANTS = [
  'a `.git` file that names nothing',
  'a HEAD of garbage',
  'objects borrowed from a repository that is away',
];

describe('a repository that cannot be used', function () {
  this.timeout(120_000);
  let fixture: TaskFixture;
  let machine: Machine;
  let repository: string;
  /** One subtask to prove, and one to merge. */
  let ids: readonly [string, string];

  before(async () => {
    fixture = await TaskFixture.open();
    repository = path.join(fixture.stage.root, 'repository');
    await mkdir(repository);
    await createRepository(repository, PARCEL_API);
    await fixture.kernel.write((u) => relocateProject(u, project().id, repository));
    const [proof, merge] = [await worked(fixture, WORK), await worked(fixture, WORK)];
    await fixture.kernel.write((u) => {
      const commit = sha.parse('a'.repeat(40));
      recordProof(u, merge.id, { commit, where: 'agent tree', decidingFiles: [] });
      completeSubtask(u, merge.id, { pullRequest: null });
    });
    ids = [proof.id, merge.id];
    machine = await Machine.in(path.join(fixture.stage.root, 'machine'));
  });
  after(() => fixture.close());

  const WORK = 'echo "$PWD" > work.txt; commit';
  const project = (): Project => fixture.kernel.read(listProjects)[0] ?? assert.fail();
  const deps = (): TaskDeps => fixture.deps(fixture.dispatcher());

  /** First contacts with the repository. */
  const STEPS: Readonly<Record<string, () => Promise<unknown>>> = {
    planning: async () => {
      const { id } = await fixture.task();
      await planTask(deps(), id, new AbortController().signal);
      const { planningError } = fixture.kernel.read((r) => getTask(r, id));
      const failure = fixture.kernel.read(stageFailures).find(({ subject }) => subject === id);
      throw new Error(planningError ?? failure?.reason ?? 'none');
    },
    work: () => prepareWorkplace(deps(), project(), fixture.subtask(ids[0])),
    changes: () => changesOf(deps(), ids[0]),
    proof: () => proofOf(fixture, fixture.subtask(ids[0])),
    merge: () => mergeOnThisMachine(deps(), ids[1]),
    'change of the base branch': () => changeBase(deps(), project().id, 'trunk'),
    'use as a project': () =>
      addLocalProject(fixture.kernel, deps().git, { folder: repository, defaultBranch: 'main' }),
    '`ic project add`': async () => {
      const from = ['project', 'add', repository, '--base=main'];
      const env = { PATH: fixture.gitEnvironment['PATH'] ?? '' };
      const { stderr, code } = await ic(from, { cwd: fixture.stage.project, env });
      throw new Error(`${code} ${stderr}`);
    },
  };

  async function answerOf(step: () => Promise<unknown>): Promise<string> {
    try {
      return JSON.stringify(await step());
    } catch (error) {
      return String(error);
    }
  }

  for (const [what, cause] of Object.entries(CAUSES)) {
    const { code, finding, fix, breaks, restores, unaffected = [], pathIsEmpty = false } = cause;
    const itThen = itLongIf(VARIANTS.includes(what));
    itThen(`has the same sentence for every step, and a finding of the doctor: ${what}`, async function () {
      if (code === 'GIT_OWNERSHIP' && process.getuid?.() !== 0) return this.skip();
      const sentence = SENTENCES[code].text.replace(/\{.*/s, '');
      await breaks(repository);
      const programs = pathIsEmpty ? path.join(machine.root, 'none') : machine.programs;
      const environment = { ...machine.environment, PATH: programs };
      fixture.gitEnvironment = pathIsEmpty ? environment : process.env;
      try {
        const answers = await Promise.all(
          Object.entries(STEPS).map(async ([name, step]) => [name, await answerOf(step)] as const),
        );
        for (const [name, answer] of answers.filter(([step]) => !unaffected.includes(step))) {
          assert.ok(answer.includes(sentence), `${name}: ${answer}`);
        }
        const report = await machine.examine({ kernels: [fixture.kernel], environment });
        const [found, ...others] = report.findings.filter((one) => one.check === 'clones' || one.code === finding);
        assert.deepEqual({ code: found?.code, othersCount: others.length }, { code: finding, othersCount: 0 });
        assert.ok(JSON.stringify(found?.fix).includes(fix ?? 'null'), JSON.stringify(found?.fix));
        assert.deepEqual(findings(report, 'WORKTREE_UNUSED'), []);
      } finally {
        fixture.gitEnvironment = process.env;
        await restores(repository);
      }
    });
  }

  it('names Git LFS where planning, work, and a merge check files out, and in the doctor', async () => {
    await writeFile(path.join(repository, '.gitattributes'), '*.big filter=lfs\n');
    await writeFile(path.join(repository, 'a.big'), 'pointer\n');
    await git(repository, ['add', '--all']);
    await git(repository, ['commit', '--quiet', '--message=Use Git LFS']);
    const { id } = await worked(fixture, 'echo pointer > b.big; commit');
    const head = sha.parse((await git(repository, ['rev-parse', fixture.subtask(id).branchName ?? ''])).trim());
    await fixture.kernel.write((u) => {
      recordProof(u, id, { commit: head, where: 'agent tree', decidingFiles: [] });
      completeSubtask(u, id, { pullRequest: null });
    });
    const lines = ['smudge = git-lfs-that-is-away smudge -- %f', 'process = git-lfs-that-is-away filter-process'];
    // Both, since the system's configuration may name the latter.
    const filter = `[filter "lfs"]\n\t${lines.join('\n\t')}\n\trequired = true\n`;
    await writeFile(path.join(machine.home, '.gitconfig'), filter);
    fixture.gitEnvironment = { ...process.env, HOME: machine.home };
    const sentence = /the repository uses Git LFS, which is not installed/;
    const fresh = await fixture.kernel.write((u) =>
      addSubtask(u, { taskId: fixture.subtask(id).taskId, title: 'Fresh' }),
    );
    assert.match(await answerOf(() => prepareWorkplace(deps(), project(), fresh)), sentence);
    assert.match(await answerOf(() => STEPS['planning']?.() ?? assert.fail()), sentence);
    assert.match(await answerOf(() => mergeOnThisMachine(deps(), id)), sentence);
    assert.equal((await git(repository, ['status', '--porcelain'])).trim(), '');
    const missing = await machine.examine({ kernels: [fixture.kernel] });
    assert.equal(findings(missing, 'CLONE_LFS_MISSING').length, 1);
    await machine.install('git-lfs', 'echo git-lfs/3.4.0');
    const present = await machine.examine({ kernels: [fixture.kernel] });
    assert.equal(findings(present, 'CLONE_LFS_MISSING').length, 0);
  });
});
