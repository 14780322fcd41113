/** The step of the extension tests: chooses a VS Code, and launches it for each suite. */
import { EXTENSION_SUITES } from '../../test/extension/suites';
import { testFiles } from '../../test/extension/index';
import { ensureBrowser } from '../../tools/browser';
import { fetchDesktop, hasDisplay } from '../../tools/desktop';
import { runExtensionSuite, type Selection, type TestHost } from '../../test/support/vscode/extensionTests';
import { ensureVsCodeServer } from '../../tools/install';
import type { Say } from '../../tools/project';
import { lines, type Part } from './lanes';

/** The chosen tests, a part for each launch that has some. Throws when no VS Code can be had. */
export async function partsInsideVsCode(selection: Selection, forceServer: boolean, say: Say): Promise<Part[]> {
  const suites = EXTENSION_SUITES.filter((suite) => testFiles(suite.name, selection.file ?? '').length > 0);
  if (suites.length === 0) return [];
  const host = await chooseHost(forceServer, say);
  return suites.map((suite) => ({
    title: `extension ${suite.name}: opens ${suite.opens}, ${suite.isTrusted ? 'trusted' : 'in Restricted Mode'}`,
    opensWindows: true,
    secondTry: true,
    run: async (show) => ({
      kind: 'tested',
      results: await runExtensionSuite(host, suite, selection, lines(show)),
    }),
  }));
}

/** The desktop application where it can be shown and fetched, else the server. Says which and why. */
async function chooseHost(forceServer: boolean, say: Say): Promise<TestHost> {
  if (!forceServer && hasDisplay()) {
    try {
      const executable = await fetchDesktop();
      say('In the desktop VS Code.');
      return { kind: 'desktop', executable };
    } catch (cause) {
      say(`VS Code for the desktop could not be fetched (${String(cause)}); using the VS Code server.`);
    }
  } else if (!forceServer) {
    say('There is no display here; using the VS Code server.');
  }
  const install = await ensureVsCodeServer(say);
  await ensureBrowser(say);
  return { kind: 'server', install };
}
