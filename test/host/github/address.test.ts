import assert from 'node:assert/strict';
import { cloneUrl, gitHubAddress } from '../../../src/host/github/address';
import { isCode } from '../../support/projects';

describe('the address of GitHub', () => {
  it('is the public one where none is set', () => {
    const expected = { webUrl: 'https://github.com', apiUrl: 'https://api.github.com' };
    for (const text of ['', '  ', 'https://github.com', 'https://www.github.com/', 'https://api.github.com']) {
      assert.deepEqual(gitHubAddress(text), expected, text);
    }
  });

  it('is that of an enterprise server, with its port, with or without the path of its API', () => {
    for (const text of ['https://git.example.com:8443', 'https://git.example.com:8443/api/v3/']) {
      const webUrl = 'https://git.example.com:8443';
      assert.deepEqual(gitHubAddress(text), { webUrl, apiUrl: `${webUrl}/api/v3` });
    }
    const hosted = { webUrl: 'https://acme.ghe.com', apiUrl: 'https://api.acme.ghe.com' };
    assert.deepEqual(gitHubAddress('https://acme.ghe.com'), hosted);
    assert.deepEqual(gitHubAddress('https://api.acme.ghe.com'), hosted);
  });

  it('is never one that would show the token', () => {
    for (const text of ['http://git.example.com', 'git.example.com', 'file:///tmp', 'https://me:pw@git.example.com']) {
      assert.throws(() => gitHubAddress(text), isCode('INVALID_ARGUMENT'), text);
    }
  });

  it('makes addresses for git from names that GitHub gives, and from no others', () => {
    const address = gitHubAddress('');
    assert.equal(cloneUrl(address, { owner: 'octo', repo: '-x.y_z' }), 'https://github.com/octo/-x.y_z.git');
    const hostile = ['', '.', '..', '../x', 'a/b', 'a@evil.example', 'a?b', 'a#b', 'a b', 'a\nb', 'a%2fb', 'é'];
    for (const name of hostile) {
      assert.throws(() => cloneUrl(address, { owner: name, repo: 'r' }), isCode('INVALID_ARGUMENT'), name);
      assert.throws(() => cloneUrl(address, { owner: 'o', repo: name }), isCode('INVALID_ARGUMENT'), name);
    }
    assert.throws(() => cloneUrl(address, { owner: '-o', repo: 'r' }), isCode('INVALID_ARGUMENT'));
  });
});
