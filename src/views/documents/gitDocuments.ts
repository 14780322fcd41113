/** Serves files as they are in a commit of a project, for comparing. */
import * as vscode from 'vscode';
import { GIT_SCHEME, parseGitFile } from '../../contract/pages/documents';
import type { Git } from '../../host/git/git';
import type { ViewContext } from '../projections/viewContext';

export class GitDocuments implements vscode.TextDocumentContentProvider {
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly context: ViewContext,
    private readonly git: Git,
  ) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(GIT_SCHEME, this);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const file = parseGitFile(uri.query);
    const projects = this.context.records().flatMap((record) => (record.isReadable ? record.tasks.projects() : []));
    // Only repositories that are projects here, and only where programs may run.
    const isOurs = projects.some(({ clonePath }) => clonePath === file?.clonePath);
    if (file === undefined || !isOurs || !vscode.workspace.isTrusted) {
      return vscode.l10n.t('This document does not exist.');
    }
    const args = ['cat-file', 'blob', '--end-of-options', `${file.sha}:${file.path}`];
    return await this.git.run(await this.git.places.gitFolder(file.clonePath), args, { isExact: true });
  }

  /** A commit never changes. */
  changed(): void {
    return;
  }

  dispose(): void {
    this.registration.dispose();
  }
}
