/**
 * Which files of the sources may touch the content of files, and by what right: a path of a row is a claim, and is
 * neither opened, watched, written nor deleted before a parser has made a type of it (docs/design/trust.md).
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { inProject } from '../../../tools/project';
import { parsedSource } from '../../support/documents/parsedSources';

/** Fields of rows that hold paths. */
const ROW_PATHS = [
  ...['logFile', 'outputFile', 'promptFile', 'verdictFile', 'exitFile', 'projectDir'],
  ...['worktreePath', 'clonePath', 'artifactPath', 'specPath'],
];

/** They check a name and do not read the file. */
const NAMES_ONLY =
  /^(access|exists|l?stat|fstat|statfs|realpath|readlink|readdir|mkdir|mkdtemp|close|chmod|u?times|utimes|futimes|fsync)(Sync)?$/;

/** Our own functions that open, watch or delete what they are given as a plain string. */
const OPENERS: Readonly<Record<string, RegExp>> = {
  'host/files/smallFile': /^(openRegular|readSmallFile)$/,
  'host/files/contentHash': /^(contentHash|regularFileHash)$/,
  'host/image/fileWatch': /^watchFile$/,
};

/** Use → why the path is not a claim any more, or why the claim does no harm. */
const USES: Readonly<Record<string, string>> = {
  'commands/dispatch/dispatches.ts: vscode.Uri.file(promptFile)':
    'promptToOpen has made it a file of a storage or the folder',
  'window/editor/gitHubServices.ts: vscode.Uri.file(clonePath)':
    'names a folder for VS Code, which asks for trust in it',
  'commands/task/subtasks.ts: vscode.Uri.file(clonePath)':
    'joins names that git listed, for an editor that shows changes',
  'commands/task/subtasks.ts: vscode.Uri.file(worktreePath)': 'names a folder for VS Code, which asks for trust in it',
  'services/dispatch/follow/outputLink.ts: rm(outputFile)':
    'of the request of a caller; a foreign one is refused outside the folder',
  'services/dispatch/follow/outputLink.ts: symlink(outputFile)': 'as its deletion',
  'services/tasks/worktreeSetup/checkProcess.ts: rename(logFile)': 'is an OwnStorageFile',
  'services/tasks/worktreeSetup/commandRuns.ts: contentHash(logFile)': 'is an OwnStorageFile',
  'views/timeline/timelineReader.ts: vscode.Uri.file(projectDir)': 'insideFolder has checked what is joined to it',
};

/** File above the host → where the paths come from whose content it touches. */
const FILES: Readonly<Record<string, string>> = {
  'cli/lead/log.ts': 'standard output',
  'cli/host/settingsFiles.ts': 'settings: of the person, where the editor keeps them; of a folder, small and no link',
  'cli/mcp/serve.ts': 'our own package.json',
  'cli/nouns/discovery/discoveries.ts': 'a file that the caller names',
  'cli/nouns/record/state.ts': 'a file that the caller names',
  'cli/command/texts.ts': 'a file that the caller names',
  'commands/task/createTask.ts': 'a file that the person picked',
  'services/attention/logWatches.ts': 'the places that logLocationOf found in our storages',
  'services/attention/sessions/sessionWatch.ts': 'the records of a dispatch in our storages',
  'services/demo/demo.ts': 'the demo’s own folder, which our registry lists',
  'services/demo/repositories.ts': 'the demo’s own folder',
  'services/operations/run/earlierPrompt.ts': 'promptToOpen has made it a file of a storage or the folder',
  'services/demo/runs.ts': 'the demo’s own folder',
  'services/dispatch/context/mcpServer.ts': 'the files of a dispatch in our storage',
  'services/dispatch/follow/outputLink.ts': 'the output file of a request',
  'services/doctor/startedAgent.ts': 'a temporary folder that it has made',
  'services/dispatch/start/request.ts': 'the prompt of a request, and the files of a dispatch in our storage',
  'services/consent/hookConsent.ts': 'the hooks of the folder, whose content is asked about',
  'services/dispatch/context/mcpConfig.ts': 'a file of the folder with a fixed name',
  'services/record/recordSaver.ts': 'backups that it has just made',
  'services/tasks/worktreeSetup/checkProcess.ts': 'our storage',
  'services/tasks/leader.ts': 'the lock next to the record, and the request for it: small and no links',
  'services/tasks/proof/checkRuns.ts': 'our storage, below an id that is one part of a path',
  'services/tasks/project/cloneUpkeep.ts': 'an OwnClone',
  'services/tasks/work/planner.ts': 'our storage, below an id that is one part of a path',
  'services/tasks/project/projectMoves.ts': 'the .git of an OwnWorktree, and the record’s own folder',
  'services/tasks/work/prompts.ts': 'a template that a setting names',
  'services/tasks/worktreeSetup/setUp.ts': 'an OwnStorageFile',
  'services/tasks/proof/proof.ts': 'the .git of a worktree that the registry of our own places knows',
  'window/editor/requestNotices.ts': 'an empty file in our storage, next to those of the session',
};

/** File → what it deletes with all that is in it. */
const TREES: Readonly<Record<string, string>> = {
  'host/state/agentPackages.ts': 'packages of agents in the user’s state, and drafts of them',
  'host/locks/fileLock.ts': 'drafts of locks, next to the file that is locked',
  'host/git/view/borrowedView.ts': 'a temporary folder that it has made',
  'host/git/worktree/cleanTree.ts': 'a checkout in our storage',
  'host/git/branch/clone.ts': 'a draft that it has made',
  'host/git/snapshot/contentsWriter.ts': 'a temporary folder that it has made',
  'host/git/branch/drafts.ts': 'drafts in our storage',
  'host/git/merge/mergeJournal.ts':
    'the notes of a merge, in a folder of one name in git’s own directory; links are not followed',
  'host/git/view/ownView.ts': 'a temporary folder that it has made',
  'host/git/nested/submoduleRemotes.ts': 'a temporary folder that it has made',
  'host/git/snapshot/submoduleStores.ts': 'a temporary folder that it has made',
  'host/git/transport/transportRepository.ts': 'a folder in our storage that it has made',
  'host/git/worktree/unseenWorktree.ts': 'what the repository itself keeps of one worktree that is named',
  'host/launcher/outputPipe.ts': 'a temporary folder that it has made',
  'host/git/worktree/treeCopy.ts': 'half a copy in the empty folder that its caller has made for it',
  'host/trusted/removal.ts': 'what has the type of a place of our own',
  'services/demo/demo.ts': 'entries of the demo’s folder that it has made',
  'services/doctor/startedAgent.ts': 'a temporary folder that it has made',
  'services/tasks/proof/checkRuns.ts': 'a checkout in our storage',
};

interface Source {
  readonly file: string;
  readonly tree: ts.SourceFile;
}

function sources(): Source[] {
  return readdirSync(inProject('src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({
      file: path.relative(inProject('src'), file).split(path.sep).join('/'),
      tree: parsedSource(file),
    }));
}

function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** Local names of the imported functions that touch the content of files. */
function touching({ tree, file }: Source): {
  readonly ofNode: string[];
  readonly ofOurs: string[];
  readonly whole: boolean;
} {
  const ofNode: string[] = [];
  const ofOurs: string[] = [];
  let whole = false;
  for (const statement of tree.statements) {
    if (!ts.isImportDeclaration(statement) || statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
      continue;
    if (!ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const from = statement.moduleSpecifier.text;
    const bindings = statement.importClause?.namedBindings;
    const isNode = /^(node:)?fs(\/promises)?$/.test(from);
    if (isNode && (bindings === undefined || ts.isNamespaceImport(bindings))) whole = true;
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
    const resolved = path.posix.join(path.posix.dirname(file), from);
    for (const { name, propertyName, isTypeOnly } of bindings.elements) {
      const imported = (propertyName ?? name).text;
      if (isTypeOnly) continue;
      if (isNode && /^[a-z]/.test(imported) && imported !== 'constants' && !NAMES_ONLY.test(imported))
        ofNode.push(name.text);
      if (OPENERS[resolved]?.test(imported) === true) ofOurs.push(name.text);
    }
  }
  return { ofNode, ofOurs, whole };
}

/** Calls that hand a path of a row to a function that touches content, as `file: function(field)`. */
function usesIn(source: Source): string[] {
  const { ofNode, ofOurs } = touching(source);
  const names = new Set([...ofNode, ...ofOurs, 'vscode.Uri.file', 'vscode.workspace.openTextDocument']);
  const uses: string[] = [];
  for (const node of nodesOf(source.tree)) {
    if (!ts.isCallExpression(node) || !names.has(node.expression.getText())) continue;
    const fields = node.arguments.flatMap((argument) => [...nodesOf(argument)].map(fieldIn));
    for (const field of new Set(fields)) {
      if (field !== undefined) uses.push(`${source.file}: ${node.expression.getText()}(${field})`);
    }
  }
  return uses;
}

function fieldIn(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'path' && /artifact/i.test(node.expression.getText())) {
    return 'artifact.path';
  }
  return ts.isIdentifier(node) && ROW_PATHS.includes(node.text) ? node.text : undefined;
}

describe('the paths of records', () => {
  const all = sources();

  it('have fields that this test knows by name', () => {
    const rows = all.filter(({ file }) => /^kernel\/.*(model|Model)\.ts$/.test(file));
    const fields = rows.flatMap(({ tree }) =>
      [...tree.text.matchAll(/readonly (\w*(?:Path|File|Dir)): string/g)].map((m) => m[1] ?? ''),
    );
    assert.deepEqual([...new Set(fields)].filter((field) => !ROW_PATHS.includes(field)).sort(), []);
  });

  it('are opened, watched, written and deleted in the files that have a reason to, and nowhere else', () => {
    assert.deepEqual([...new Set(all.flatMap(usesIn))].sort(), Object.keys(USES).sort());
  });

  it('reach no function of the file system above the host, except where a path is no row’s', () => {
    const importing = all.filter((source) => !source.file.startsWith('host/') && touching(source).ofNode.length > 0);
    assert.deepEqual(importing.map(({ file }) => file).sort(), Object.keys(FILES).sort());
  });

  it('reach no function under another name: each is imported by its own', () => {
    assert.deepEqual(
      all.filter((source) => touching(source).whole).map(({ file }) => file),
      [],
    );
  });

  it('reach no recursive deletion but that of our own places', () => {
    const isRecursiveDeletion = (node: ts.Node): boolean =>
      ts.isCallExpression(node) &&
      /^(rm|rmSync|rmdir)$/.test(node.expression.getText()) &&
      /recursive: true/.test(node.getText());
    const deleting = all.filter(({ tree }) => [...nodesOf(tree)].some(isRecursiveDeletion));
    assert.deepEqual(deleting.map(({ file }) => file).sort(), Object.keys(TREES).sort());
  });
});
