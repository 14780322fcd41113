/** What counts as proven: exactly a commit, whatever the agent's repository is set to. */
import assert from 'node:assert/strict';
import { inWorktree, proofOf, worked } from '../../../support/tasks/proofFixture';
import { TaskFixture } from '../../../support/tasks/taskFixture';
import { itLong, itLongIf } from '../../../support/long';

/** How work that is not in the commit is hidden from git's own status. `needed.txt` is what the check asks for. */
const HIDDEN: Readonly<Record<string, { readonly script: string; readonly named: RegExp }>> = {
  'info/exclude of the clone': {
    script: `echo work > a.txt; commit; echo > needed.txt; echo needed.txt >> "$(git rev-parse --git-common-dir)/info/exclude"`,
    named: /needed\.txt/,
  },
  'core.excludesFile of the clone': {
    script: `echo work > a.txt; commit; echo > needed.txt; echo needed.txt > "$CLONE/../hidden"; git config core.excludesFile "$CLONE/../hidden"`,
    named: /needed\.txt/,
  },
  'an uncommitted .gitignore that ignores itself': {
    script: `echo work > a.txt; commit; echo > needed.txt; printf 'needed.txt\\n.gitignore\\n' > .gitignore`,
    named: /needed\.txt/,
  },
  'an uncommitted .gitignore in a folder of its own': {
    script: `echo work > a.txt; commit; mkdir extra; echo > extra/needed.txt; echo '*' > extra/.gitignore`,
    named: /extra\/needed\.txt/,
  },
  'the skip-worktree bit': {
    script: `echo work > a.txt; commit; git update-index --skip-worktree README.md; echo more >> README.md`,
    named: /README\.md/,
  },
  'the assume-unchanged bit': {
    script: `echo work > a.txt; commit; git update-index --assume-unchanged README.md; echo more >> README.md`,
    named: /README\.md/,
  },
  'a sparse checkout': {
    script: `echo work > a.txt; commit; git sparse-checkout set --no-cone '/*' '!/README.md'`,
    named: /README\.md/,
  },
  'core.fileMode of the clone': {
    script: `echo work > a.txt; commit; git config core.fileMode false; chmod +x README.md`,
    named: /README\.md/,
  },
  'core.autocrlf of the clone': {
    script: `printf 'one\\n' > a.txt; commit; git config core.autocrlf input; printf 'one\\r\\n' > a.txt; git add a.txt`,
    named: /a\.txt.*core\.autocrlf.*intercore\.tasks\.setup/,
  },
  'a filter of info/attributes': {
    script: `echo work > a.txt; commit; echo 'a.txt filter=same' > "$(git rev-parse --git-common-dir)/info/attributes"
      git config filter.same.clean 'cat >/dev/null; echo work'; echo other > a.txt; git add a.txt`,
    named: /a\.txt/,
  },
  'a replaced commit': {
    script: `echo bad > a.txt; commit; echo good > a.txt; git add a.txt
      git replace HEAD "$(git -c user.name=A -c user.email=a@b commit-tree "$(git write-tree)" -p HEAD~1 -m other)"`,
    named: /a\.txt/,
  },
  'a replaced file': {
    script: `echo bad > a.txt; commit; git replace "$(git rev-parse HEAD:a.txt)" "$(echo good | git hash-object -w --stdin)"
      echo good > a.txt; git update-index --assume-unchanged a.txt`,
    named: /a\.txt/,
  },
  'a folder of the commit that is a repository': {
    script: `mkdir lib; echo work > lib/a.txt; commit; mkdir lib/.git; echo > lib/.git/needed.txt`,
    named: /lib\/\.git/,
  },
  'a repository beside the files': {
    script: `echo work > a.txt; commit; git init --quiet extra; echo > extra/needed.txt; echo extra >> "$(git rev-parse --git-common-dir)/info/exclude"`,
    named: /extra/,
  },
  'an uncommitted .gitattributes': {
    script: `printf '$Id$\\n' > a.txt; commit; printf 'a.txt ident\\n' > .gitattributes; printf '.gitattributes\\n' >> "$(git rev-parse --git-common-dir)/info/exclude"
      printf '$Id: other $\\n' > a.txt`,
    named: /\.gitattributes|a\.txt/,
  },
};

/** Each is a variant of one that is in every run. */
const VARIANTS = [
  'core.excludesFile of the clone',
  'an uncommitted .gitignore in a folder of its own',
  'a replaced file',
];

/** What is no work, although the branch has a commit. */
const NO_WORK: Readonly<Record<string, string>> = {
  'an empty commit': `git -c user.name=A -c user.email=a@b commit --quiet --allow-empty --message=Nothing`,
  'a change and its opposite': `echo work > a.txt; commit; git rm --quiet a.txt; commit`,
};

describe('a proof', function () {
  this.timeout(60_000);
  let fixture: TaskFixture;
  beforeEach(async () => {
    fixture = await TaskFixture.open();
  });
  afterEach(() => fixture.close());

  const problemOf = async (script: string): Promise<string> => {
    const result = await proofOf(fixture, await worked(fixture, script));
    return result.kind === 'unproven' ? result.problem : assert.fail('it counts as proven');
  };

  it('yields the commit that the branch stands at', async () => {
    const subtask = await worked(fixture, 'echo work > a.txt; commit');
    const result = await proofOf(fixture, subtask);
    const commit = await fixture.git('rev-parse', `refs/heads/${subtask.branchName ?? ''}`);
    assert.deepEqual(result, { kind: 'proven', commit, where: 'agent tree', decidingFiles: [] });
  });

  for (const [what, { script, named }] of Object.entries(HIDDEN)) {
    const itThen = itLongIf(VARIANTS.includes(what));
    itThen(`names work that ${what} hides`, async () => {
      const problem = await problemOf(script);
      assert.match(problem, named);
      assert.match(problem, /not everything is committed|differs? from the commit/);
    });
  }

  for (const [what, script] of Object.entries(NO_WORK)) {
    it(`is refused for ${what}`, async () => {
      assert.match(await problemOf(script), /no changes of its own/);
    });
  }

  it('is refused where the worktree belongs to another repository', async () => {
    const script = `echo work > a.txt; commit; git clone --quiet "$CLONE" "$CLONE/../other"
      b=$(git symbolic-ref --short HEAD); rm .git; git -C "$CLONE/../other" checkout --quiet -B "$b"; echo "gitdir: $CLONE/../other/.git" > .git`;
    assert.match(await problemOf(script), /another repository/);
  });

  it('is refused where the base branch holds the work already', async () => {
    assert.match(
      await problemOf('echo work > a.txt; commit; git -C "$CLONE" merge --quiet --ff-only "$(git rev-parse HEAD)"'),
      /“main” already contains/,
    );
  });

  it('is refused where the base branch holds the same changes as another commit', async () => {
    const script = `echo work > a.txt; commit; echo work > "$CLONE/a.txt"; git -C "$CLONE" add a.txt
      git -C "$CLONE" -c user.name=A -c user.email=a@b commit --quiet --message=Same`;
    assert.match(await problemOf(script), /“main” already contains/);
  });

  it('allows files that the commit itself ignores, and says so', async () => {
    const script = `printf 'modules/\\n*.log\\n' > .gitignore; mkdir lib; echo > lib/a.txt; commit
      mkdir modules; echo > modules/needed.txt; echo > lib/b.log`;
    const result = await proofOf(fixture, await worked(fixture, script));
    assert.equal(result.kind === 'proven' && result.where, 'agent tree with ignored files');
  });

  it('proves the commit again that a check has moved the branch to', async () => {
    const move =
      'test -e b.txt || { echo > b.txt; git add b.txt; git -c user.name=A -c user.email=a@b commit -qm More; }';
    fixture.settings = { ...fixture.settings, checks: [['sh', '-c', move]] };
    const subtask = await worked(fixture, 'echo work > a.txt; commit');
    const before = await fixture.git('rev-parse', `refs/heads/${subtask.branchName ?? ''}`);
    const result = await proofOf(fixture, subtask);
    const after = await fixture.git('rev-parse', `refs/heads/${subtask.branchName ?? ''}`);
    assert.notEqual(before, after);
    assert.equal(result.kind === 'proven' && result.commit, after);
  });

  itLong('is refused where checks keep moving the branch', async () => {
    const move = 'git -c user.name=A -c user.email=a@b commit -qm More --allow-empty';
    fixture.settings = { ...fixture.settings, checks: [['sh', '-c', move]] };
    assert.match(await problemOf('echo work > a.txt; commit'), /kept changing/);
  });

  it('is refused where a check changes a file of the commit', async () => {
    fixture.settings = { ...fixture.settings, checks: [['sh', '-c', 'echo more >> a.txt']] };
    assert.match(await problemOf('echo work > a.txt; commit'), /a\.txt/);
  });

  it('names the check scripts and configuration that the commit changes', async () => {
    await fixture.write('check.sh', 'exit 1\n');
    await fixture.git('add', '--all');
    await fixture.git('-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '--message=Check');
    fixture.settings = { ...fixture.settings, checks: [['sh', 'check.sh']] };
    const result = await proofOf(fixture, await worked(fixture, 'echo exit 0 > check.sh; echo work > a.txt; commit'));
    assert.deepEqual(result.kind === 'proven' && result.decidingFiles, ['check.sh']);
  });

  describe('with a set-up command', () => {
    beforeEach(() => {
      fixture.settings = {
        ...fixture.settings,
        setup: [['sh', '-c', 'mkdir -p modules && echo installed > modules/needed.txt']],
        checks: [['sh', '-c', 'test -f a.txt && test -f modules/needed.txt && ! test -e left.log && git diff --quiet']],
      };
    });

    it('runs the checks in a clean tree of its own, without what the agent has left', async () => {
      const script = `printf 'modules/\\n*.log\\n' > .gitignore; echo work > a.txt; commit; echo > left.log`;
      const result = await proofOf(fixture, await worked(fixture, script));
      assert.equal(result.kind === 'proven' ? result.where : result.problem, 'clean tree');
    });

    it('does not prove what the commit lacks', async () => {
      const script = `printf 'modules/\\n' > .gitignore; echo work > b.txt; commit
        echo > a.txt; echo a.txt >> "$(git rev-parse --git-common-dir)/info/exclude"`;
      assert.match(await problemOf(script), /failed: exit code 1/);
    });

    it('is refused where the set-up fails or changes a file of the commit', async () => {
      fixture.settings = { ...fixture.settings, setup: [['sh', '-c', 'exit 3']] };
      assert.match(await problemOf('echo work > a.txt; commit'), /set-up command .* failed: exit code 3/s);
      fixture.settings = { ...fixture.settings, setup: [['sh', '-c', 'echo more >> README.md']] };
      const second = await worked(fixture, 'echo work > b.txt; commit', 'Write B');
      const result = await proofOf(fixture, second);
      assert.match(result.kind === 'unproven' ? result.problem : 'proven', /README\.md/);
      await inWorktree(fixture, second.id, 'git diff --quiet');
    });
  });
});
