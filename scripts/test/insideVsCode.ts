/** The step that runs the extension tests: chooses a VS Code, then launches it for each suite. */
import { EXTENSION_SUITES } from '../../test/extension/suites';
import { testFiles } from '../../test/extension/index';
import { ensureBrowser } from '../../test/support/vscode/browser';
import { fetchDesktop, hasDisplay } from '../../test/support/vscode/desktopTests';
import { runExtensionSuite, type Selection, type TestHost } from '../../test/support/vscode/extensionTests';
import { ensureVsCodeServer } from '../../test/support/vscode/install';
import type { Say } from '../../test/support/vscode/project';
import { sum, type Results } from '../../test/support/vscode/results';
import type { Outcome } from './summary';

/** Runs the chosen tests in every launch that has some. Throws when no VS Code can be had. */
export async function runInsideVsCode(selection: Selection, forceServer: boolean, say: Say): Promise<Outcome> {
  const suites = EXTENSION_SUITES.filter((suite) => testFiles(suite.name, selection.file ?? '').length > 0);
  if (suites.length === 0) return { kind: 'nothing' };
  const host = await chooseHost(forceServer, say);
  const all: Results[] = [];
  const secondTries: string[] = [];
  for (const suite of suites) {
    say(`\n▸ ${suite.name}: opens ${suite.opens}, ${suite.isTrusted ? 'trusted' : 'in Restricted Mode'}`);
    let results = await runExtensionSuite(host, suite, selection, say);
    if (results.failed > 0) {
      say(`\n${suite.name} failed and gets a second try:`);
      secondTries.push(suite.name);
      results = await runExtensionSuite(host, suite, selection, say);
    }
    all.push(results);
  }
  return { kind: 'tested', results: sum(all), secondTries };
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
