/** What package managers print where they reach no server. */
import assert from 'node:assert/strict';
import { noNetworkIn } from '../../../../src/services/tasks/worktreeSetup/commandRuns';

/** Printed by the programs themselves in a network namespace without a network; the line that says so is marked. */
const OUTPUTS: Readonly<Record<string, string>> = {
  npm: `npm error code EAI_AGAIN
npm error syscall getaddrinfo
npm error errno EAI_AGAIN
> npm error request to https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz failed, reason: getaddrinfo EAI_AGAIN registry.npmjs.org
npm error A complete log of this run can be found in: /home/a/.npm/_logs/debug-0.log`,
  pip: `> WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7faf56c7d390>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')':
ERROR: Could not find a version that satisfies the requirement left-pad-x (from versions: none)
ERROR: No matching distribution found for left-pad-x`,
  cargo: `warning: spurious network error (1 try remaining): [6] Could not resolve hostname (Could not resolve host: index.crates.io)
error: failed to get \`itoa\` as a dependency of package \`x v0.1.0 (/tmp/x)\`
Caused by:
>   [6] Could not resolve hostname (Could not resolve host: index.crates.io)`,
  go: '> go: github.com/pkg/errors@v0.9.1: Get "https://proxy.golang.org/github.com/pkg/errors/@v/v0.9.1.mod": dial tcp: lookup proxy.golang.org on 10.0.0.1:53: dial udp 10.0.0.1:53: connect: network is unreachable',
  git: "> fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com",
};

describe('a set-up command that reached no server', () => {
  for (const [program, output] of Object.entries(OUTPUTS)) {
    it(`is known by what ${program} prints`, () => {
      const said = /^> *(.*)$/m.exec(output)?.[1] ?? assert.fail('no line is marked');
      const found = noNetworkIn(output.replace(/^> /m, '')) ?? assert.fail('not found');
      assert.equal(found.slice(0, 200), said.slice(0, 200));
      assert.ok(found.length <= 300);
    });
  }

  it('is not one that failed otherwise, or that found no service of this machine', () => {
    for (const output of [
      'npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree',
      'npm error 404 Not Found - GET https://registry.npmjs.org/no-such-package',
      'Error: connect ECONNREFUSED 127.0.0.1:5432',
      '',
    ]) {
      assert.equal(noNetworkIn(output), undefined, output);
    }
  });
});
