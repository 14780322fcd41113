/** Offers `ic mcp` to the editor, for its chat and for extensions that use its servers: one server for the window. */
import * as vscode from 'vscode';
import { AGENT_KINDS_VARIABLE } from '../../host/state/agentKindsFile';
import { icMcpCommand } from '../../services/dispatch/context/mcpServer';
import type { WorkspaceKernels } from '../../services/record/kernels';
import { agentKindsFile } from '../editorServices';
import { manifestOf } from '../manifest';

/** As package.json declares it. */
export const MCP_PROVIDER_ID = 'intercore.mcp';

export interface McpProviderDeps {
  readonly context: Pick<vscode.ExtensionContext, 'asAbsolutePath' | 'storageUri' | 'globalStorageUri' | 'extension'>;
  readonly kernels: WorkspaceKernels;
  readonly trusted: () => boolean;
  /** The workspace file whose portfolios are meant. */
  readonly workspaceFile: () => string | undefined;
}

export class McpProvider implements vscode.McpServerDefinitionProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: readonly { dispose(): unknown }[];
  readonly onDidChangeMcpServerDefinitions = this.changed.event;

  constructor(private readonly deps: McpProviderDeps) {
    this.subscriptions = [
      this.changed,
      vscode.lm.registerMcpServerDefinitionProvider(MCP_PROVIDER_ID, this),
      deps.kernels.onDidChangeFolders(() => this.changed.fire()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.changed.fire()),
    ];
  }

  /** None in a window without folders, or that is not trusted: the server may change what it serves. */
  provideMcpServerDefinitions(): vscode.McpStdioServerDefinition[] {
    const { context, kernels, trusted, workspaceFile } = this.deps;
    const folders = kernels.all().map(({ folder }) => folder);
    const [first] = folders;
    if (first === undefined || !trusted()) return [];
    const file = workspaceFile();
    const extra = [...folders, ...(file === undefined ? [] : [`--workspace=${file}`])];
    const { command, args, env } = icMcpCommand(context.asAbsolutePath('dist'), extra);
    const { version } = manifestOf(context);
    const server = new vscode.McpStdioServerDefinition(
      'Intercore',
      command,
      [...args],
      { ...env, [AGENT_KINDS_VARIABLE]: agentKindsFile(context) },
      version,
    );
    server.cwd = vscode.Uri.file(first);
    return [server];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
