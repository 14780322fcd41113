/** Every option that git knows is overridden, or is listed with the reason why a person may set it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { FIXED } from '../../../../src/host/git/config/fixedConfig';
import { inProject } from '../../../../tools/project';

/** Pattern of keys, in lower case → why none of them changes what our git does or prints. */
const LEFT_ALONE: readonly (readonly [RegExp, string])[] = [
  [/^(?:user\.(?:name|email)|author\.|committer\.)/, 'who the person is; commits of ours name their author themselves'],
  [/^(?:gpg\.|user\.signingkey$)/, 'how the person signs; read by the signing of a merge alone'],
  [/^core\.(?:autocrlf|eol|attributesfile|excludesfile)$/, 'how the person’s files are written and what they ignore'],
  [/^filter\./, 'filters of the person, such as git-lfs; those of a repository are overridden one by one'],
  [/^diff\.<driver>\./, 'switched off by --no-textconv and --no-ext-diff'],
  [/^diff\.external$/, 'switched off by --no-ext-diff'],
  [/^diff\.autorefreshindex$/, 'no index is written by a comparison, because GIT_OPTIONAL_LOCKS is 0'],
  [
    /^diff\.(?:dirstat|guitool|statgraphwidth|statnamewidth|tool|trustexitcode|wordregex)$/,
    'for output that we do not ask for',
  ],
  [/^merge\.<driver>\./, 'drivers of the person; those of a repository are overridden one by one'],
  [/^merge\.(?:defaulttoupstream|guitool|suppressdest|tool|verbosity)$/, 'for git merge, which is not run'],
  [/^core\.askpass$/, 'GIT_ASKPASS is empty, so no program is asked'],
  [/^core\.(?:worktree|bare|gitproxy|sshcommand|repositoryformatversion)$/, 'checked when a repository is opened'],
  [
    /^core\.(?:filemode|hidedotfiles|ignorecase|precomposeunicode|symlinks|checkstat|trustctime|untrackedcache|fsmonitorhookversion|longpaths)$/,
    'facts of the file system, which git finds out for each repository',
  ],
  [
    /^core\.(?:sparsecheckout|sparsecheckoutcone|splitindex|sharedrepository|logallrefupdates)$/,
    'how a repository keeps its own files',
  ],
  [
    /^core\.(?:bigfilethreshold|compression|createobject|deltabasecachelimit|fsync|fsyncmethod|fsyncobjectfiles|loosecompression|packedgitlimit|packedgitwindowsize|preloadindex|commitgraph|multipackindex|maxtreedepth)$/,
    'speed, and how objects are stored',
  ],
  [
    /^core\.(?:protecthfs|protectntfs|restrictinheritedhandles|unsetenvvars|lockfilepid)$/,
    'safety of the person’s system',
  ],
  [
    /^core\.(?:alternaterefsprefixes|checkroundtripencoding|commentchar|commentstring|notesref|whitespace)$/,
    'for messages, notes and patches, which are not read',
  ],
  [
    /^core\.(?:usereplacerefs|warnambiguousrefs)$/,
    'which objects stand for others; merges and proofs use a view of our own',
  ],
  [
    /^(?:http|ssh|url|credential|credentialcache|credentialstore|protocol|transfer|uploadpack|uploadpackfilter|uploadarchive|lsrefs|bundle|promisor)\./,
    'how the network is reached, and what is served to others',
  ],
  [/^(?:remote|remotes|branch\.<name>)[.<]/, 'of one remote or branch, which our commands name in full'],
  [
    /^fetch\.(?:fsck|fsckobjects|negotiationalgorithm|parallel|showforcedupdates|unpacklimit|bundleuri|bundlecreationtoken)/,
    'how objects travel',
  ],
  [
    /^(?:pack|repack|fastimport|commitgraph|index|splitindex|sparse|feature|reftable)\./,
    'speed, and how objects are stored',
  ],
  [/^(?:gc|maintenance)\./, 'nothing is collected by us: gc.auto and maintenance.auto are off'],
  [
    /^(?:extensions|include|includeif|safe|submodule|init|clone|push|versionsort|worktree|checkout)\./,
    'names, formats and trust, or for steps that our commands name in full',
  ],
  [/^(?:color\.[a-z]+\.|color\.pager$)/, 'which color; there are none'],
  [/^log\.(?:excludedecoration|graphcolors|initialdecorationset)$/, 'for decorations and graphs, which are off'],
  [/^(?:format|pretty)\./, 'formats of patches, and names of formats; ours are given in full'],
  [/^add\.interactive\./, 'for adding by hand'],
  [/^commit\.template$/, 'for git commit without a message'],
  [
    /^(?:advice|pager|alias|trace2|help|man|web|browser|completion)\./,
    'hints, which are dropped, and programs for terminals',
  ],
  [
    /^(?:am|apply|blame|clean|difftool|fsck|fsmonitor|gitcvs|gitweb|grep|gui|guitool|imap|instaweb|interactive|mailinfo|mailmap|mergetool|notes|pull|rebase|receive|revert|sendemail|sendpack|sequence|showbranch|stash|tar|backfill|bitmap|pseudo|scalar|replay|rerere)\./,
    'for commands that are not run',
  ],
];

/** Commands that no source may run as long as their options are left alone. */
const NOT_RUN =
  /\['(?:am|apply|blame|clean|difftool|fsck|grep|merge|mergetool|notes|pull|rebase|revert|cherry-pick|stash|gc|format-patch|send-email|show-branch)', ?['.`]/;

function known(): string[] {
  const text = execFileSync('git', ['help', '--config'], { encoding: 'utf8' });
  return text.split('\n').filter((line) => /^[a-z0-9]+\.\S+$/i.test(line));
}

describe('the configuration that holds for every call of git', () => {
  const fixed = new Set(FIXED.map(([key]) => key.toLowerCase()));

  it('names every option that git knows, or there is a reason to leave it to the person', () => {
    const loose = known().filter((key) => {
      const lower = key.toLowerCase();
      return !fixed.has(lower) && !LEFT_ALONE.some(([pattern]) => pattern.test(lower));
    });
    assert.deepEqual(loose, []);
  });

  it('has each key once', () => {
    assert.equal(fixed.size, FIXED.length);
  });

  it('holds without commands whose options are left alone', () => {
    const git = path.join('src', 'host', 'git');
    const files = readdirSync(inProject(git), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const running = files.filter((entry) =>
      NOT_RUN.test(readFileSync(path.join(entry.parentPath, entry.name), 'utf8')),
    );
    assert.deepEqual(
      running.map(({ name }) => name),
      [],
    );
  });
});
