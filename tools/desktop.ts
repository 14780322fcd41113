/** The desktop application, where one can be fetched and shown. */
import { downloadAndUnzipVSCode, SilentReporter } from '@vscode/test-electron';
import { inCache } from './project';

const REACH_TIMEOUT_MS = 5000;

/** Whether a window can be shown here at all. */
export const hasDisplay = (): boolean =>
  process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);

/** Fetches VS Code into `.cache/` once and returns its executable. Throws within seconds when it cannot be reached. */
export async function fetchDesktop(): Promise<string> {
  return downloadAndUnzipVSCode({
    version: 'stable',
    cachePath: inCache('vscode-desktop'),
    reporter: new SilentReporter(),
    timeout: REACH_TIMEOUT_MS,
  });
}
