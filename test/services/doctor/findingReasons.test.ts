/** The sentences of findings are translated as a whole, with the reasons and failures in them. */
import assert from 'node:assert/strict';
import { fill, KernelError } from '../../../src/kernel/errors/errors';
import { because, foreignText } from '../../../src/kernel/errors/reasons/problem';
import { found, sentencesOf, type Found } from '../../../src/services/doctor/model';
import { marked, unmarked } from '../../support/markedTexts';

const english = ({ code, facts }: Found): string => sentencesOf(code, facts).saw;
const untranslated = ({ code, facts }: Found): readonly string[] => {
  const { saw, remedy } = sentencesOf(code, facts, (template, values) => fill(marked(template), values));
  return [unmarked(saw), unmarked(remedy)];
};

describe('a finding of the doctor', () => {
  it('has a translated reason', () => {
    const finding = found('NOT_WRITABLE', { path: '/p', problem: because('its disk is read-only') });
    assert.equal(english(finding), '/p cannot be written: its disk is read-only');
    assert.equal(untranslated(finding)[0], '/p');
  });

  it('has the translated sentence and hint of a failure', () => {
    const problem = because('a row of its schema is torn');
    const error = new KernelError('DATABASE_DAMAGED', { path: '/p', problem });
    const finding = found('DATABASE_UNUSABLE', { path: '/p' }, { error });
    assert.equal(english(finding), `/p cannot be used: ${error.message}`);
    assert.deepEqual(
      untranslated(finding).map((text) => text.replaceAll('/p', '').trim()),
      ['', ''],
    );
  });

  it('shows the text of another program as it is', () => {
    const said = new Error('bd: unknown flag').message;
    const finding = found('BEADS_MUTE', { path: '/bin/bd', problem: foreignText(said) });
    assert.equal(untranslated(finding)[0]?.replace(/\s+/, ' '), `/bin/bd ${said}`);
  });
});
