/** Runs tests in the desktop application. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runTests, TestRunFailedError } from '@vscode/test-electron';
import type { Launch } from './extensionTests';
import { inProject } from '../../../tools/project';

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
