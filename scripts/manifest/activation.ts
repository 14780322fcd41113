/** What starts the extension before one of its views or commands is used. */
import { SUBTASK_SCHEME } from '../../src/contract/pages/documents';
import { BOARD_PANEL, GRAPH_PANEL, TIMELINE_PANEL, TRANSCRIPT_PANEL } from '../../src/contract/pages/panels';
import { DATABASE_FOLDER, DATABASE_NAME } from '../../src/host/files/paths';

/** What `activationEvents` has to be. */
export function activationEvents(): readonly string[] {
  return [
    `workspaceContains:${DATABASE_FOLDER}/${DATABASE_NAME}`,
    `onFileSystem:${SUBTASK_SCHEME}`,
    ...[GRAPH_PANEL, TIMELINE_PANEL, TRANSCRIPT_PANEL, BOARD_PANEL].map((panel) => `onWebviewPanel:${panel}`),
  ];
}
