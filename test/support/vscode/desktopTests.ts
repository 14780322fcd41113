/** The desktop application, where one can be fetched and shown. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests, SilentReporter, TestRunFailedError } from '@vscode/test-electron';
import type { Launch } from './extensionTests';
import { inCache, inProject } from './project';

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

/** Runs a launch in the desktop application. Failed tests are in its results file; other failures are thrown. */
export async function runInDesktop(executable: string, launch: Launch): Promise<void> {
  const data = path.join(launch.folder, 'data');
  await mkdir(path.join(data, 'User'), { recursive: true });
  await writeFile(path.join(data, 'User/settings.json'), JSON.stringify(launch.settings));
  try {
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: inProject(),
      extensionTestsPath: inProject('out/test/extension/index.js'),
      extensionTestsEnv: { ...launch.env },
      launchArgs: [
        ...(launch.opened.kind === 'empty' ? [] : [launch.opened.path]),
        ...(launch.suite.isTrusted ? ['--disable-workspace-trust'] : []),
        ...['--user-data-dir', data, '--extensions-dir', path.join(launch.folder, 'extensions'), '--disable-telemetry'],
      ],
    });
  } catch (cause) {
    if (!(cause instanceof TestRunFailedError)) throw cause;
  }
}
