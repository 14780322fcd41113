/** What an agent requests permission for, in one line: code and names only, because it fills a translated sentence. */
import path from 'node:path';
import type { OpenRequest } from '../../../contract/sessions';
import { shortened } from '../../../kernel/text/storableText';

type PermissionRequest = Extract<OpenRequest, { readonly kind: 'permission' }>;

const MAX_LENGTH = 300;
const NAMED_PATHS = 3;

/** @param folder where the agent works; paths in it are shown relative to it */
export function requestedUse(request: PermissionRequest, folder?: string): string {
  return shortened(useOf(request, folder).replace(/\s+/g, ' ').trim(), MAX_LENGTH);
}

function useOf({ tool, command, mcpTool, paths, title }: PermissionRequest, folder: string | undefined): string {
  if (command !== undefined) return `\`${command}\``;
  if (mcpTool !== undefined) return mcpTool;
  if (paths.length === 0) return title;
  const names = paths.slice(0, NAMED_PATHS).map((named) => nameOf(named, folder));
  return `${tool} ${[...names, ...(paths.length > NAMED_PATHS ? ['…'] : [])].join(', ')}`;
}

function nameOf({ path: file, isInside }: PermissionRequest['paths'][number], folder: string | undefined): string {
  return isInside && folder !== undefined && path.isAbsolute(file) ? path.relative(folder, file) || file : file;
}
