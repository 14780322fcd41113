import assert from 'node:assert/strict';
import type { SessionNote } from '../../../src/contract/transcript';
import { noteWords } from '../../../src/views/transcript/noteWords';
import { ENGLISH } from '../../support/records/viewFixture';

const words = (note: SessionNote): string => noteWords(ENGLISH, note);

describe('notes of a session in a transcript', () => {
  it('say which command was given by whom, and why it was refused', () => {
    const given = { kind: 'command', command: 'pause', by: 'Ada', problem: null } as const;
    assert.equal(words(given), 'Pause requested by Ada');
    assert.equal(words({ ...given, command: 'say', problem: 'late' }), 'Text from Ada · refused · late');
    assert.equal(words({ ...given, command: 'x.json', by: '', problem: '' }), 'Command x.json · refused');
  });

  it('say how a turn ended', () => {
    assert.equal(words({ kind: 'turnEnded', turn: 0, reason: '' }), 'The session was not opened');
    assert.equal(words({ kind: 'turnEnded', turn: 2, reason: 'canceled' }), 'Turn 2 ended: canceled');
    assert.equal(words({ kind: 'turnEnded', turn: 2, reason: '' }), 'Turn 2 ended');
  });
});
